package routing_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestEveryMethodReachesItsHandler(t *testing.T) {
	t.Parallel()
	methods := []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "TRACE", "CONNECT"}
	a := serve(t, func(r *routing.Route) {
		said := func(c *app.Call) error {
			c.Header().Set("Method", c.Request.Method)
			return c.RespondStatus(http.StatusOK)
		}
		r.Get("/x", said)
		r.Post("/x", said)
		r.Put("/x", said)
		r.Patch("/x", said)
		r.Delete("/x", said)
		r.Head("/x", said)
		r.Options("/x", said)
		r.Query("/x", said)
		r.Method(http.MethodTrace, "/x", said)
		r.Method(http.MethodConnect, "/x", said)
		for _, method := range methods {
			r.Method(method, "/method/"+method, said)
			r.ForMethod(method).Handle("/part/"+method, said)
		}
		r.Handle("/any", said)
		r.Get("/any", text("get"))
	})
	for _, method := range methods {
		assert.Equal(t, method, ask(t, a, method+" /x").header.Get("Method"))
		assert.Equal(t, method, ask(t, a, method+" /method/"+method).header.Get("Method"))
		assert.Equal(t, method, ask(t, a, method+" /part/"+method).header.Get("Method"))
	}
	for _, method := range []string{"POST", "HEAD", "CONNECT", "PROPFIND", "*", "get"} {
		assert.Equal(t, method, ask(t, a, method+" /any").header.Get("Method"))
	}
	assert.Equal(t, "get", ask(t, a, "GET /any").body)
	got := ask(t, a, "PROPFIND /x")
	assert.Equal(t, http.StatusMethodNotAllowed, got.status)
	assert.Equal(t, "CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY, TRACE", got.header.Get("Allow"))
}

func TestAWrongMethodIs405WithAllow(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/get", text("get"))
			r.Get("/{id}", text("id"))
			r.Put("/{id}", text("id"))
			r.Get("/deep/{a}/*", text("deep"))
			r.Get("/slash/", text("slash"))
			r.Get("/files/{path...}", text("files"))
			r.Delete("/files/{path...}", text("files"))
			r.Post("/files/upload", text("upload"))
			r.Options("/cors/{...}", text("cors"))
			r.SSE("/events", func(s *sse.Session) error { return s.SendText("one") })
			r.SSE("/topics/{topic...}", func(s *sse.Session) error { return s.SendText(s.Call().PathParam("topic")) })
			r.SSE("/own", func(s *sse.Session) error { return s.SendText("one") })
			r.Head("/own", func(c *app.Call) error { c.Header().Set("Own", "yes"); return c.RespondStatus(http.StatusOK) })
		})
	})
	for line, allow := range map[string]string{ // "" is 404
		"HEAD /get":          "GET, PUT", // AutoHeadResponse is what answers HEAD
		"POST /get":          "GET, PUT",
		"DELETE /7":          "GET, PUT",
		"HEAD /7":            "GET, PUT",
		"POST /deep/1/2":     "GET",
		"POST /deep/1/2/3":   "",
		"POST /slash/":       "GET",
		"POST /slash":        "GET, PUT",
		"POST /nope/nope":    "",
		"POST /files/x":      "",                  // a tail alone does not make it 405
		"POST /files":        "DELETE, GET, PUT",  // the tail with nothing left, beside /{id}
		"PUT /files/upload":  "DELETE, GET, POST", // the tail is allowed once something else is
		"GET /cors/x":        "",
		"POST /cors":         "GET, OPTIONS, PUT",
		"POST /events":       "GET, HEAD, PUT",
		"POST /topics/a/b":   "",
		"POST /own":          "GET, HEAD, PUT",
		"FETCH /get":         "GET, PUT",
		"FETCH /nope/nope":   "",
		"OPTIONS /get?x=y":   "GET, PUT",
		"POST /%67et":        "GET, PUT",
		"POST /a%2Fb":        "GET, PUT",
		"POST //deep//1//2/": "",
	} {
		got := ask(t, a, line)
		assert.Equal(t, allow, got.header.Get("Allow"), line)
		assert.Empty(t, got.body, line)
		if allow == "" {
			assert.Equal(t, http.StatusNotFound, got.status, line)
		} else {
			assert.Equal(t, http.StatusMethodNotAllowed, got.status, line)
		}
	}
	for line, body := range map[string]string{
		"GET /events":      "data: one\r\n\r\n",
		"HEAD /events":     "",
		"GET /topics":      "data: \r\n\r\n",
		"HEAD /topics":     "",
		"GET /topics/a/b":  "data: a/b\r\n\r\n",
		"HEAD /topics/a/b": "",
	} {
		got := ask(t, a, line)
		assert.Equal(t, http.StatusOK, got.status, line)
		assert.Equal(t, "text/event-stream", got.header.Get("Content-Type"), line)
		assert.Equal(t, body, got.body, line)
	}
	assert.Equal(t, "yes", ask(t, a, "HEAD /own").header.Get("Own"), "an explicit HEAD comes before the stream's")
}

// TestFailuresReachTheFallback has the status of a failed look-up replaced, as
// StatusPages does.
func TestFailuresReachTheFallback(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Intercept(app.PhaseFallback, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				if c.Status() == http.StatusNotFound {
					return c.RespondText("nothing at " + c.Request.URL.Path + c.Route())
				}
				return next(c)
			}
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/x", text("x"))
			r.Get("/silent", func(*app.Call) error { return nil })
			r.Get("/preset", func(c *app.Call) error {
				c.SetStatus(http.StatusAccepted)
				c.Header().Set("Set", "yes")
				return nil
			})
		})
	})
	got := ask(t, a, "GET /nope")
	assert.Equal(t, http.StatusNotFound, got.status)
	assert.Equal(t, "nothing at /nope", got.body)
	got = ask(t, a, "POST /x")
	assert.Equal(t, http.StatusMethodNotAllowed, got.status)
	assert.Equal(t, "GET", got.header.Get("Allow"))
	got = ask(t, a, "GET /preset")
	assert.Equal(t, http.StatusAccepted, got.status)
	assert.Equal(t, "yes", got.header.Get("Set"))
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /silent").status)
}

func TestWithoutARouteACallIsNotFound(t *testing.T) {
	t.Parallel()
	a := serve(t, block)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /").status)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "PROPFIND /x").status)
	answered, _ := start(t, func(a *app.Application) {
		a.Use(func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		})
		routing.Routes(a, func(r *routing.Route) { r.Get("/", func(*app.Call) error { panic("never reached") }) })
	})
	assert.Equal(t, http.StatusTeapot, ask(t, answered, "GET /").status, "nobody routes a call that is answered")
}
