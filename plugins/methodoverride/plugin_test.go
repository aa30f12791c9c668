package methodoverride_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/routing"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, methodoverride.Plugin, plugintest.Request(apptest.Header(name, "PUT")))
}

// TestWhatIsMeant is served, with the body, and middlewares see it; what the
// client has sent can still be had.
func TestWhatIsMeant(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		var seen string
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen = r.Method; next.ServeHTTP(w, r) })
			})
			a.Install(methodoverride.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Put("/{id}", func(c *app.Call) error {
					body, err := c.ReceiveText()
					if err != nil {
						return err
					}
					return c.RespondText(c.Arrived().Method + " " + c.Request.Method + " " + c.PathParam("id") + " " + body)
				})
			})
		}, mode)
		response := host.Post("/7", "text/plain", strings.NewReader("body"), apptest.Header(name, " PUT "))
		assert.Equal(t, "POST PUT 7 body", apptest.Text(t, response))
		assert.Equal(t, "PUT", seen)
		response = host.Post("/7", "text/plain", strings.NewReader("body"), apptest.Header(name, "delete"))
		assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode, "methods have their case")
	})
}

func TestWhatCannotBeMeant(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) { a.Install(methodoverride.Plugin); echo(a) })
	for _, method := range []string{"HEAD", "CONNECT", "TRACE", "DELETE, PUT", "DELETE PUT", "a/b", "é"} {
		assert.Equal(t, http.StatusBadRequest, host.Post("/", "", nil, apptest.Header(name, method)).StatusCode, method)
	}
	twice := host.Post("/", "", nil, func(r *http.Request) { r.Header[name] = []string{"PUT", "DELETE"} })
	assert.Equal(t, http.StatusBadRequest, twice.StatusCode)
	for _, method := range []string{"GET", "PUT"} {
		assert.Equal(t, method+" DELETE", apptest.Text(t, host.Do(method, "/", nil, apptest.Header(name, "DELETE"))), method)
		assert.Equal(t, method+" bad/method", apptest.Text(t, host.Do(method, "/", nil, apptest.Header(name, "bad/method"))), method)
	}
	assert.Equal(t, "POST ", apptest.Text(t, host.Post("/?_method=DELETE", "application/x-www-form-urlencoded", strings.NewReader("_method=DELETE"))))
	assert.Equal(t, "POST ", apptest.Text(t, host.Post("/", "", nil, apptest.Header(name, ""))))
}

// TestCORSAsksForWhatIsMeant: a page that may POST may not DELETE.
func TestCORSAsksForWhatIsMeant(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(cors.Plugin.With(func(c *cors.Config) {
				c.AllowHost("page.example")
				if allowed {
					c.AllowMethod(http.MethodDelete)
				}
			}))
			a.Install(methodoverride.Plugin)
			echo(a)
		})
		want := map[bool]int{false: http.StatusForbidden, true: http.StatusOK}[allowed]
		response := host.Do(http.MethodPost, "/", nil, apptest.Header(name, "DELETE"), apptest.Header("Origin", "http://page.example"))
		assert.Equal(t, want, response.StatusCode)
	}
}

func TestMistakes(t *testing.T) {
	for says, configure := range map[string]func(*methodoverride.Config){
		`header "X Y": that is not the name of a header`: func(c *methodoverride.Config) { c.HeaderName = "X Y" },
		"no method may be overridden: Methods is empty":  func(c *methodoverride.Config) { c.Methods = nil },
		`method "": that can be no method`:               func(c *methodoverride.Config) { c.Methods = []string{""} },
	} {
		err := apptest.StartError(t, install(methodoverride.Plugin.With(configure)))
		require.ErrorContains(t, err, says)
	}
}
