package statuspages_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// A spiteful error panics in one of its methods.
type spiteful struct{ in string }

func (s spiteful) check(method string) {
	if s.in == method {
		panic("no " + method)
	}
}

func (s spiteful) Error() string   { s.check("Error"); return "spiteful" }
func (s spiteful) Unwrap() error   { s.check("Unwrap"); return nil }
func (s spiteful) As(any) bool     { s.check("As"); return false }
func (s spiteful) Is(error) bool   { s.check("Is"); return false }
func (s spiteful) StatusCode() int { s.check("StatusCode"); return http.StatusTeapot }

// TestErrorsThatPanic: whatever an error does when it is looked at, the call is
// answered, and the next one is as well.
func TestErrorsThatPanic(t *testing.T) {
	var none *app.Error
	for name, cause := range map[string]error{
		"Error":      spiteful{"Error"},
		"Unwrap":     spiteful{"Unwrap"},
		"As":         spiteful{"As"},
		"Is":         spiteful{"Is"},
		"StatusCode": spiteful{"StatusCode"},
		"nil":        none,
	} {
		for kind, configure := range map[string]func(*statuspages.Config){
			"a type":    func(c *statuspages.Config) { statuspages.Exception(c, handler[*http.MaxBytesError]("large")) },
			"an error":  func(c *statuspages.Config) { statuspages.Exception(c, handler[error]("any")) },
			"app.Error": func(c *statuspages.Config) { statuspages.Exception(c, handler[*app.Error]("shown")) },
			"a function": func(c *statuspages.Config) {
				c.ExceptionFunc(func(cause error) bool { return cause.Error() == "" }, handler[error]("picked"))
			},
		} {
			t.Run(name+", a handler for "+kind, func(t *testing.T) {
				host := serve(t, configure, func(r *routing.Route) {
					r.Get("/", failing(cause))
					r.Get("/next", func(c *app.Call) error { return c.RespondText("next") })
				})
				response := host.Get("/")
				assert.Contains(t, []int{http.StatusOK, http.StatusInternalServerError, http.StatusTeapot}, response.StatusCode)
				assert.NotEmpty(t, apptest.Text(t, response))
				assert.Equal(t, "next", apptest.Text(t, host.Get("/next")))
			})
		}
	}
}
