package routing_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// listing returns what AllRoutes tells, a route a line.
func listing(a *app.Application) []string {
	var lines []string
	for _, listed := range routing.AllRoutes(a) {
		line := fmt.Sprintf("%s %s %s", listed.Kind, listed.Method, listed.Pattern)
		if len(listed.Conditions) > 0 {
			line += " (" + strings.Join(listed.Conditions, ", ") + ")"
		}
		if listed.Name != "" {
			line += " named " + listed.Name
		}
		lines = append(lines, line)
	}
	return lines
}

func TestAllRoutesListsWhatWasDeclared(t *testing.T) {
	t.Parallel()
	var before []string
	a, _ := start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(autoheadresponse.Plugin)
		a.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", text(""))
			r.Route("/users", func(r *routing.Route) {
				r.Get("/{id}", text("")).Named("user")
				r.Post("", text(""))
			})
			r.SSE("/events", func(*sse.Session) error { return nil })
			r.Mount("/legacy", http.NotFoundHandler())
			r.Host("one.example").Header("x", "1").Method("BREW", "/tea/{path...}", text(""))
			r.Group(func(r *routing.Route) { r.Get("/users", text("")) })
			r.Route("/users/{id}", func(r *routing.Route) { r.Handle("/", text("")) })
			r.Route("/nothing", block)
			before = listing(a)
		})
	})
	want := []string{
		"handler GET /",
		"handler GET /users/{id} named user",
		"handler  /users/{id}/",
		"handler POST /users",
		"stream GET /events",
		"mount  /legacy",
		"handler BREW /tea/{path...} (host one.example, header X: 1)",
		"handler GET /users",
	}
	assert.Equal(t, want, listing(a))
	assert.Equal(t, want, before, "what was declared so far")
}

func TestAllRoutesWithoutRoutes(t *testing.T) {
	t.Parallel()
	a, _ := start(t)
	assert.Empty(t, routing.AllRoutes(a))
	a, _ = start(t, func(a *app.Application) { routing.Routes(a, block) })
	assert.Empty(t, routing.AllRoutes(a))
}

func TestAllRoutesKnowsTheLineAndTheRoute(t *testing.T) {
	t.Parallel()
	summary := app.NewKey[string]("summary")
	var site app.Site
	var around, declared *routing.Route
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			around = r.Route("/users", func(r *routing.Route) {
				site = app.Caller(0)
				declared = r.Get("/{id}", text(""))
				r.Get("/{id}", text("")) // a second handler is no second route
			})
			summary.Set(declared, "one user")
			summary.Set(around, "users")
		})
	})
	site.Line++
	listed := routing.AllRoutes(a)
	require.Len(t, listed, 1)
	assert.Equal(t, site, listed[0].Site)
	assert.Same(t, declared, listed[0].Route)
	said, _ := summary.Get(listed[0].Route)
	assert.Equal(t, "one user", said)
	var path []string
	for r := listed[0].Route; r != nil; r = r.Parent() {
		path = append(path, r.String())
	}
	assert.Equal(t, []string{"/users/{id}", "/users/{id}", "/users", "/"}, path)
	assert.Same(t, around, listed[0].Route.Parent().Parent())
}

// TestGetAllRoutes is Ktor's testGetAllRoutes.
func TestGetAllRoutes(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/shop", func(r *routing.Route) {
				r.Route("/customer", func(r *routing.Route) {
					r.Get("/{id}", text(""))
					r.Post("/new", text(""))
				})
				r.Route("/order", func(r *routing.Route) {
					r.Route("/shipment", func(r *routing.Route) {
						r.Get("", text(""))
						r.Post("", text(""))
						r.Put("", text(""))
					})
				})
			})
			r.Route("/info", func(r *routing.Route) {
				r.Get("", text(""))
			})
		})
	})
	assert.Equal(t, []string{
		"handler GET /shop/customer/{id}",
		"handler POST /shop/customer/new",
		"handler GET /shop/order/shipment",
		"handler POST /shop/order/shipment",
		"handler PUT /shop/order/shipment",
		"handler GET /info",
	}, listing(a))
}

func TestNamesThatCannotBeAreMistakes(t *testing.T) {
	t.Parallel()
	var first app.Site
	// Each is on one line, so that the line is known.
	for name, test := range map[string]struct {
		declare func(r *routing.Route) app.Site
		text    func() string
	}{
		"empty": {
			func(r *routing.Route) app.Site { r.Get("/x", text("")).Named(""); return app.Caller(0) },
			func() string { return `name "" for GET /x: the name is empty` },
		},
		"two routes": {
			func(r *routing.Route) app.Site {
				first = app.Caller(0)
				r.Get("/{a}/{id}", text("")).Named("user")
				r.Post("/y", text("")).Named("user")
				return app.Caller(0)
			},
			func() string {
				return `name "user" for POST /y: it is that of GET /{a}/{id} already, at ` + first.String()
			},
		},
		"two names": {
			func(r *routing.Route) app.Site {
				first = app.Caller(0)
				r.Route("/x", block).Named("one")
				r.Route("/x", block).Named("two")
				return app.Caller(0)
			},
			func() string { return `name "two" for any method /x: the route is "one" already, at ` + first.String() },
		},
		"the same twice": {
			func(r *routing.Route) app.Site {
				first = app.Caller(0)
				r.Route("/x", block).Named("one")
				r.Route("/x", block).Named("one")
				return app.Caller(0)
			},
			func() string { return `name "one" for any method /x: the route is "one" already, at ` + first.String() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var site app.Site
			said := mistakes(t, func(r *routing.Route) { site = test.declare(r) })
			if name != "empty" {
				site.Line--
				first.Line++
			}
			assert.Equal(t, site.String()+": "+test.text(), said)
		})
	}
}

// TestANameOfARefusedRoute adds nothing to the mistake that there is.
func TestANameOfARefusedRoute(t *testing.T) {
	t.Parallel()
	said := mistakes(t, func(r *routing.Route) { r.Get("/{", text("")).Named("user") })
	assert.Contains(t, said, "the braces do not match")
	assert.NotContains(t, said, "\n")
}

func TestANameAfterStartChangesNothing(t *testing.T) {
	t.Parallel()
	var user *routing.Route
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { user = r.Get("/users/{id}", text("")) })
	})
	user.Named("user")
	assert.Equal(t, []string{"handler GET /users/{id}"}, listing(a))
	assert.Contains(t, log.String(), `routes are declared before Start`)
}

func ExampleAllRoutes() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/users", func(r *routing.Route) {
				r.Get("/{id}", func(c *app.Call) error { return c.RespondText("user " + c.PathParam("id")) }).Named("user")
				r.Header("X-Version", "2").Post("", func(c *app.Call) error { return c.RespondText("made") })
			})
			r.Mount("/legacy", legacy)
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	for _, route := range routing.AllRoutes(application) {
		fmt.Printf("%s %q %s %q %q\n", route.Kind, route.Method, route.Pattern, route.Conditions, route.Name)
	}
	// Output:
	// handler "GET" /users/{id} [] "user"
	// handler "POST" /users ["header X-Version: 2"] ""
	// mount "" /legacy [] ""
}
