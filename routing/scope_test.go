package routing_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

func TestOrderInsideABlock(t *testing.T) {
	t.Parallel()
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/x", func(r *routing.Route) {
				r.Get("/y", told("y")) // before everything that applies to it
				r.Use(noting("first"), noting("second"))
				r.Route("/y", func(r *routing.Route) { r.Use(noting("inner")) })
				r.Install(named("plugin"))
				r.Use(noting("third"))
			})
			r.Get("/z", told("z"))
		})
	})
	assert.Equal(t, "first second plugin/default third inner y", ask(t, a, "GET /x/y").body)
	assert.Equal(t, "z", ask(t, a, "GET /z").body)
}

// TestPhaseBeatsNesting is Ktor's
// RoutingProcessingTest.testInterceptionOrderWhenOuterShouldBeAfter.
func TestPhaseBeatsNesting(t *testing.T) {
	t.Parallel()
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/outer", func(r *routing.Route) {
				r.Intercept(app.PhaseCall, noticing("outer-call"))
				r.Intercept(app.PhaseMonitoring, noticing("outer-monitoring"))
				r.Use(noting("outer-middleware"))
				r.Route("/inner", func(r *routing.Route) {
					r.Intercept(app.PhaseCall, noticing("inner-call"))
					r.Use(noting("inner-middleware"))
					r.Intercept(app.PhaseSetup, noticing("inner-setup"))
					r.Get("", told("handler")).Intercept(app.PhasePlugins, noticing("get"))
				})
			})
		})
		a.Intercept(app.PhasePlugins, noticing("application"))
		a.Intercept(app.PhaseCall, noticing("application-call"))
	})
	assert.Equal(t, "application application-call inner-setup outer-monitoring outer-middleware inner-middleware get "+
		"outer-call inner-call handler", ask(t, a, "GET /outer/inner").body)
}

// TestInterceptWrapsTheHandler is Ktor's
// testRoutingOnGETUserUsernameWithInterceptors.
func TestInterceptWrapsTheHandler(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Route("/user", func(r *routing.Route) {
			r.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if c.PathParam("name") == "nobody" {
						return app.NewError(http.StatusForbidden, "no")
					}
					err := next(c)
					c.Header().Set("After", c.PathParam("name"))
					return err
				}
			})
			r.Get("/{name}", param("name"))
		})
	})
	got := ask(t, a, "GET /user/anna")
	assert.Equal(t, "anna", got.body)
	assert.Equal(t, "anna", got.header.Get("After"))
	assert.Equal(t, http.StatusForbidden, ask(t, a, "GET /user/nobody").status)
}

func TestAScopedPluginRunsBelowItsRoute(t *testing.T) { // Ktor's RouteScopedPluginTest
	t.Parallel()
	ran := 0
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/outer", func(r *routing.Route) {
				r.Install(scoped.With(func(c *scopedConfig) { c.Name, c.Other = "outer", "outer" }))
				r.Get("", told("outer"))
				r.Route("/inner", func(r *routing.Route) {
					r.Install(named("inner"))
					r.Get("", told("inner")).Use(noting("get"))
					r.Get("/deep/{id}", func(c *app.Call) error {
						config, installed := scoped.In(c.Scope())
						assert.True(t, installed)
						assert.Equal(t, "inner", config.Name)
						return told("deep")(c)
					})
				})
			})
			r.Get("/none", func(c *app.Call) error {
				_, installed := scoped.In(c.Scope())
				assert.False(t, installed)
				return told("none")(c)
			})
			r.Route("/counted", func(r *routing.Route) {
				r.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
					return func(c *app.Call) error { ran++; return next(c) }
				})
				r.Get("/{id}", text(""))
			})
		})
	})
	for target, want := range map[string]string{
		"/outer":              "outer/outer outer",
		"/outer/inner":        "inner/default get inner",
		"/outer/inner/deep/1": "inner/default deep",
		"/none":               "none",
	} {
		assert.Equal(t, want, ask(t, a, "GET "+target).body, target)
	}
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /counted").status)
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "POST /counted/1").status)
	assert.Zero(t, ran, "it runs for matched calls only")
	ask(t, a, "GET /counted/1")
	assert.Equal(t, 1, ran)
}

func TestRouteMiddlewareSeesTheRoute(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Route("/users/{id}", func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					c, ok := app.CallFrom(r.Context())
					assert.True(t, ok)
					for _, said := range []string{
						r.PathValue("id"), chi.URLParam(r, "id"), c.PathParam("id"), chi.URLParam(r, "rest"), r.PathValue("rest"),
						r.Pattern, c.Route(), chi.RouteContext(r.Context()).RoutePattern(), chi.RouteContext(r.Context()).RouteMethod,
					} {
						w.Header().Add("Seen", said)
					}
					next.ServeHTTP(w, r)
				})
			})
			r.Get("/files/{rest...}", text("files"))
		})
	})
	got := ask(t, a, "GET /users/a%2Fb/files/x/y%2Fz/")
	assert.Equal(t, []string{
		"a/b", "a/b", "a/b", "x/y/z/", "x/y/z/",
		"/users/{id}/files/{rest...}", "/users/{id}/files/{rest...}", "/users/{id}/files/*", "GET",
	}, got.header.Values("Seen"))
	assert.Nil(t, ask(t, a, "GET /users/1").header.Values("Seen"), "no route, no middleware")
}

func TestModulesExtendOneTree(t *testing.T) {
	t.Parallel()
	a, log := start(t, tracing,
		func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Route("/api", func(r *routing.Route) { r.Get("/a", told("a")) })
			})
		},
		func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				// A slash in the middle is a node of its own.
				r.Route("api/", func(r *routing.Route) { r.Get("/c", told("c")) })
				r.Route("api", func(r *routing.Route) {
					r.Use(noting("use"))
					r.Get("b", told("b"))
				})
			})
		})
	assert.Equal(t, "use a", ask(t, a, "GET /api/a").body)
	assert.Equal(t, "use b", ask(t, a, "GET /api/b").body)
	assert.Equal(t, "use c", ask(t, a, "GET /api/c").body)
	assert.Empty(t, log.String())
}

func TestNetHTTPCodeFindsTheCall(t *testing.T) {
	t.Parallel()
	var kept *app.Call
	a := serve(t, func(r *routing.Route) {
		r.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
			return func(c *app.Call) error { kept = c; return next(c) }
		})
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, ok := app.CallFrom(r.Context())
			assert.True(t, ok)
			assert.Same(t, kept, c)
			assert.Equal(t, "7", c.PathParam("id"))
			assert.Equal(t, "7", r.PathValue("id"))
			_, _ = w.Write([]byte(c.Route()))
		})
		r.Get("/one/{id}", app.FromHTTP(handler))
		r.Mount("/all/{id}", handler)
	})
	assert.Equal(t, "/one/{id}", ask(t, a, "GET /one/7").body)
	assert.Equal(t, "/all/{id}", ask(t, a, "GET /all/7/x").body)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /one/7/x").status)
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "POST /one/7").status)
}

// A Route is all that a scope is to keys and plugins.
var (
	_ app.Scope      = (*routing.Route)(nil)
	_ app.Attributed = (*routing.Route)(nil)
)

func TestARouteKeepsAttributesAndConfigurations(t *testing.T) {
	t.Parallel()
	key := app.NewKey[int]("answer")
	serve(t, func(r *routing.Route) {
		users := r.Route("/users", block)
		key.Set(users, 42)
		set, found := key.Get(users)
		assert.True(t, found)
		assert.Equal(t, 42, set)
		_, found = key.Get(r)
		assert.False(t, found, "the root is another scope")
		users.Install(named("users"))
		config, installed := scoped.In(users.Get("/{id}", text("")))
		require.True(t, installed, "below it")
		assert.Equal(t, "users", config.Name)
		_, installed = scoped.In(r)
		assert.False(t, installed, "above it")
		assert.Same(t, users.Application(), r.Application())
	})
}

// What a route hands on to its scope is told the line of the route's caller,
// not one of Chitor's.
func TestMistakesOfARouteAsAScopeNameTheCallersLine(t *testing.T) {
	t.Parallel()
	send := func(*app.Call, *app.Outgoing) error { return nil }
	receive := func(*app.Call, *app.Incoming) error { return nil }
	// Each on one line, so that the line is known.
	for name, change := range map[string]func(r *routing.Route) app.Site{
		"Install":          func(r *routing.Route) app.Site { r.Install(scoped); return app.Caller(0) },
		"Use":              func(r *routing.Route) app.Site { r.Use(noting("")); return app.Caller(0) },
		"Intercept":        func(r *routing.Route) app.Site { r.Intercept(app.PhaseCall, noticing("")); return app.Caller(0) },
		"InterceptSend":    func(r *routing.Route) app.Site { r.InterceptSend(app.SendAfter, send); return app.Caller(0) },
		"InterceptReceive": func(r *routing.Route) app.Site { r.InterceptReceive(app.ReceiveAfter, receive); return app.Caller(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var kept *routing.Route
			_, log := start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) { kept = r.Route("/kept", block) })
			})
			site := change(kept)
			assert.Contains(t, log.String(), "nothing was changed")
			assert.Contains(t, log.String(), "site="+site.String())
		})
	}
}

// TestAPluginOnWhatAVerbHasReturned runs for that verb at that path alone, also
// where others are declared there.
func TestAPluginOnWhatAVerbHasReturned(t *testing.T) {
	t.Parallel()
	verbs := map[string]func(r *routing.Route) *routing.Route{
		"GET":     func(r *routing.Route) *routing.Route { return r.Get("/x", told("")) },
		"POST":    func(r *routing.Route) *routing.Route { return r.Post("/x", told("")) },
		"PUT":     func(r *routing.Route) *routing.Route { return r.Put("/x", told("")) },
		"PATCH":   func(r *routing.Route) *routing.Route { return r.Patch("/x", told("")) },
		"DELETE":  func(r *routing.Route) *routing.Route { return r.Delete("/x", told("")) },
		"OPTIONS": func(r *routing.Route) *routing.Route { return r.Options("/x", told("")) },
		"QUERY":   func(r *routing.Route) *routing.Route { return r.Query("/x", told("")) },
		"BREW":    func(r *routing.Route) *routing.Route { return r.Method("BREW", "/x", told("")) },
	}
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			for verb, declare := range verbs {
				route := declare(r)
				route.Install(named(verb))
				route.Use(noting("used"))
			}
			r.Get("/x/below", told(""))
			r.Handle("/any", told("")).Install(named("any"))
			r.Get("/any/below", told(""))
		})
	})
	for verb := range verbs {
		assert.Equal(t, verb+"/default used ", ask(t, a, verb+" /x").body)
	}
	assert.Empty(t, ask(t, a, "GET /x/below").body)
	assert.Equal(t, "any/default ", ask(t, a, "PROPFIND /any").body)
	assert.Equal(t, "any/default ", ask(t, a, "GET /any/below").body, "Handle has no method: its route is the path")
}

var guard = app.NewScopedPlugin("Guard", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		b.OnCall(func(c *app.Call) error {
			if c.QueryParam("key") != "sesame" {
				return app.NewError(http.StatusForbidden, "not without the key")
			}
			return nil
		})
		return nil
	})

// What a verb returns is its route, and a plugin there is for its calls alone.
func ExampleRoute_Install() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/report", func(c *app.Call) error { return c.RespondText("all is well") })
			r.Delete("/report", func(c *app.Call) error { return c.RespondText("gone") }).Install(guard)
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	show(application, http.MethodGet, "/report")
	show(application, http.MethodDelete, "/report")
	show(application, http.MethodDelete, "/report?key=sesame")
	// Output:
	// GET /report 200 all is well
	// DELETE /report 403 not without the key
	// DELETE /report?key=sesame 200 gone
}
