package routing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// The behaviours of testdata/routing-cases.json that no test elsewhere shows as
// plainly. docs/conformance.md lists all of them, with what was chosen.

// TestBehavioursOfTheTree is about which routes are one, and which handler runs.
func TestBehavioursOfTheTree(t *testing.T) {
	t.Parallel()
	t.Run("B02 an optional parameter below a constant", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			foo := r.Route("/foo", block)
			deep := r.Route("/foo/{new?}", block)
			assert.Same(t, foo, deep.Parent())
			assert.Same(t, deep, foo.Route("/{new?}", block), "nested")
			assert.Same(t, deep, r.Route("foo", block).Get("{new?}", param("new")).Parent(), "piece by piece")
		})
		assert.Equal(t, "x", ask(t, a, "GET /foo/x").body)
		assert.Len(t, routing.AllRoutes(a), 1)
	})
	t.Run("B03 equal parts are one", func(t *testing.T) {
		t.Parallel()
		serve(t, func(r *routing.Route) {
			for name, part := range map[string]func() *routing.Route{
				"constants":             func() *routing.Route { return r.Route("/a%20b", block) },
				"parameters":            func() *routing.Route { return r.Route("/pre{id}", block) },
				"methods":               func() *routing.Route { return r.ForMethod("BREW") },
				"conditions":            func() *routing.Route { return r.Header("X", "1") },
				"hosts":                 func() *routing.Route { return r.Host("one.example", "two.example") },
				"expressions":           func() *routing.Route { return r.Regexp("[ab]+") },
				"expressions for hosts": func() *routing.Route { return r.HostRegexp("[ab]+") },
			} {
				first, second := part(), part()
				assert.Same(t, first, second, name)
			}
			first, second := r.Group(block), r.Group(block)
			assert.NotSame(t, first, second)
			assert.NotSame(t, r.Route("/{a}", block), r.Route("/{b}", block))
		})
	})
	t.Run("B06 a handler for any method beside one for GET", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Handle("/x", text("any"))
			r.Get("/x", text("get"))
		})
		assert.Equal(t, "get", ask(t, a, "GET /x").body)
		for _, method := range []string{"POST", "HEAD", "OPTIONS", "BREW"} {
			got := ask(t, a, method+" /x")
			assert.Equal(t, http.StatusOK, got.status, method)
			assert.Equal(t, method != "HEAD", got.body == "any", method)
		}
	})
	t.Run("B10 the body of a request", func(t *testing.T) {
		t.Parallel()
		echo := func(c *app.Call) error {
			body, err := app.Receive[string](c)
			if err != nil {
				return err
			}
			return c.RespondText(c.Request.Method + " " + body)
		}
		a := serve(t, func(r *routing.Route) {
			r.Post("", echo)
			r.Put("/put", echo)
			r.Patch("/patch", echo)
		})
		for line, want := range map[string]string{"POST /": "POST body", "PUT /put": "PUT body", "PATCH /patch": "PATCH body"} {
			method, path, _ := strings.Cut(line, " ")
			recorder := httptest.NewRecorder()
			a.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("body")))
			assert.Equal(t, want, recorder.Body.String())
		}
	})
	t.Run("B48 a method that a middleware has chosen", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler { // before routing
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if method := r.Header.Get("X-Http-Method-Override"); method != "" {
						r.Method = method
					}
					next.ServeHTTP(w, r)
				})
			})
			r.Get("/x", text("get"))
			r.Delete("/x", text("delete"))
		})
		assert.Equal(t, "delete", ask(t, a, "GET /x", "X-Http-Method-Override", "DELETE").body)
		assert.Equal(t, "get", ask(t, a, "GET /x").body)
	})
}

// TestBehavioursOfParameters is about what a path and a query give.
func TestBehavioursOfParameters(t *testing.T) {
	t.Parallel()
	t.Run("B29 the path before the query", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Get("/path/{id}", func(c *app.Call) error {
				return c.RespondText(fmt.Sprintf("%s %s %s %s", c.PathParam("id"), c.Query()["id"], c.Param("id"), c.Param("other")))
			})
		})
		assert.Equal(t, "1 [2 3] 1 4", ask(t, a, "GET /path/1?id=2&id=3&other=4").body, "the path comes first")
	})
	t.Run("B30 one value", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Get("/path/{id}", func(c *app.Call) error { return c.RespondText(c.Param("id")) })
		})
		assert.Equal(t, "1", ask(t, a, "GET /path/1?id=1").body, "one value, not a list")
	})
	t.Run("B31 the case of names", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Get("/path/{id}", func(c *app.Call) error { return c.RespondText(c.Param("id") + c.PathParam("ID") + c.Param("ID")) })
		})
		assert.Equal(t, "1", ask(t, a, "GET /path/1").body)
		assert.Equal(t, "12", ask(t, a, "GET /path/1?ID=2").body)
	})
	t.Run("B32 hosts and ports capture nothing", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Host("one.example").Port(80).Get("/x", func(c *app.Call) error {
				for _, name := range []string{"$RequestHost", "$RequestPort", "$LocalPort"} {
					assert.Empty(t, c.PathParam(name))
				}
				return c.RespondText(c.Request.Host)
			})
		})
		assert.Equal(t, "one.example", ask(t, a, "GET http://one.example/x").body)
	})
	t.Run("B33 escaped parentheses", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			r.Regexp(`\(\?<name>(?<real>\d)\)`).Get("", func(c *app.Call) error {
				return c.RespondText(c.PathParam("name") + c.PathParam("real"))
			})
		})
		assert.Equal(t, "7", ask(t, a, "GET /(%3F<name>7)").body, "escaped parentheses are text")
		assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /7").status)
	})
}

// TestBehavioursOfRoutes is about what routes say of themselves.
func TestBehavioursOfRoutes(t *testing.T) {
	t.Parallel()
	t.Run("B36 a route in words", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(r *routing.Route) {
			assert.Equal(t, "/shop/customer/{id}", fmt.Sprint(r.Route("/shop/customer", block).Get("/{id}", text(""))))
			// Never reached, and listed all the same.
			r.Route("/info", block).ForMethod(http.MethodGet).Post("new", text(""))
		})
		assert.Equal(t, []string{"handler GET /shop/customer/{id}", "handler POST /info/new"}, listing(a), "the method is beside the path")
	})
	t.Run("B37 the path of a route", func(t *testing.T) {
		t.Parallel()
		serve(t, func(r *routing.Route) {
			for want, route := range map[string]*routing.Route{
				"/":                      r,
				"/trailing/slash/":       r.Route("trailing/slash/", block),
				"/parameter/{a}/{b?}":    r.Route("parameter/{a}/{b?}", block),
				"/wildcard/*":            r.Route("wildcard/*", block),
				"/tailcard/{...}":        r.Route("tailcard/{...}", block),
				"/tailcard/{rest...}":    r.Route("tailcard/{rest...}", block),
				"/asked/Regexp(/.+x)":    r.Route("asked", block).Regexp("/.+x"),
				"/asked":                 r.Route("asked", block).Header("X", "1").Param("p").ContentType("a/b").ForMethod("GET"),
				"/asked/behind/{id:\\d}": r.Host("one.example").Route("asked", block).Accept("a/b").Route("behind/{id:\\d}", block),
			} {
				assert.Equal(t, want, route.String())
			}
		})
	})
	t.Run("B38 slashes collapse", func(t *testing.T) {
		t.Parallel()
		serve(t, func(r *routing.Route) {
			root := r.Route("/root", block)
			inSlash := root.Route("/", block)
			assert.Equal(t, "/root", root.String())
			assert.Equal(t, "/root/", inSlash.String())
			assert.Equal(t, "/root/", inSlash.Route("/", block).String())
			assert.Equal(t, "/root/child", inSlash.Route("child", block).String())
		})
	})
	t.Run("B39 the label of a call", func(t *testing.T) {
		t.Parallel()
		var labels []string
		a, _ := start(t, func(a *app.Application) {
			a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					err := next(c)
					labels = append(labels, c.Route())
					return err
				}
			})
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) { r.Header("X", "1").Get("/users/{id}", text("")) })
			})
		})
		ask(t, a, "GET /users/7", "X", "1")
		ask(t, a, "GET /users/7")
		ask(t, a, "GET /nowhere")
		assert.Equal(t, []string{"/users/{id}", "", ""}, labels, "the path alone, and none without a route")
	})
	t.Run("B40 the route of a call", func(t *testing.T) {
		t.Parallel()
		key := app.NewKey[string]("of the route")
		a := serve(t, func(r *routing.Route) {
			users := r.Route("/users", block)
			key.Set(users, "path")
			route := users.Get("", func(c *app.Call) error {
				said, _ := key.Get(c.Scope())
				return c.RespondText(said)
			})
			key.Set(route, "method")
		})
		assert.Equal(t, "method", ask(t, a, "GET /users").body)
	})
	t.Run("B44 two Host headers", func(t *testing.T) {
		t.Parallel()
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) { r.Get("/", func(*app.Call) error { panic("never reached") }) })
		})
		conn := host.Dial()
		_, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
		require.NoError(t, err)
		begin := make([]byte, len("HTTP/1.1 400"))
		_, err = conn.Read(begin)
		require.NoError(t, err)
		assert.Equal(t, "HTTP/1.1 400", string(begin), "by net/http")
	})
}
