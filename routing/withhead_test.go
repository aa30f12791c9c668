package routing_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// A route with HEAD answers it wherever it answers GET, and one of Head goes
// first.
func TestWithHead(t *testing.T) {
	t.Parallel()
	says := func(what string) app.Handler {
		return func(c *app.Call) error {
			c.Header().Set("X-Says", what)
			return c.RespondText(what)
		}
	}
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/plain", says("plain"))
			r.Get("/files/{...}", func(*app.Call) error { return app.ErrPass }).MayPass().WithHead()
			r.Get("/files/{...}", says("next"))
			r.Group(func(r *routing.Route) {
				r.Accept("text/html").Get("/page/{id?}", says("page")).WithHead()
				r.Get("/both", says("both")).WithHead()
			})
			r.Head("/both", says("head"))
			r.Get("/own", says("own")).WithHead()
			r.Head("/own", says("head"))
		})
	})
	for path, want := range map[string]string{
		"/files": "next", "/files/a/b": "next", "/page/7": "page", "/page": "page", "/own": "head", "/both": "head", "/plain": "",
	} {
		response := ask(t, a, "HEAD "+path)
		assert.Equal(t, want, response.header.Get("X-Says"), path)
		status := map[bool]int{true: http.StatusOK, false: http.StatusMethodNotAllowed}[want != ""]
		assert.Equal(t, status, response.status, path)
	}
	assert.Equal(t, "GET, HEAD", ask(t, a, "POST /own").header.Get("Allow"))
	assert.Equal(t, "GET", ask(t, a, "POST /plain").header.Get("Allow"))
}

func TestWithHeadIsForGet(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(r *routing.Route){
		"another method": func(r *routing.Route) { r.Post("/x", text("")).WithHead() },
		"any method":     func(r *routing.Route) { r.Handle("/x", text("")).WithHead() },
		"a path":         func(r *routing.Route) { r.Route("/x", func(*routing.Route) {}).WithHead() },
	} {
		said := mistakes(t, declare)
		assert.Regexp(t, `withhead_test\.go:\d+: with HEAD /x: the route is not one for GET$`, said, name)
	}
}
