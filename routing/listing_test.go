package routing_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// walked returns what chi.Walk finds in routes: the method, the pattern, and how
// many middlewares there are if there are any. What serves any method is *.
func walked(t *testing.T, routes chi.Routes) []string {
	t.Helper()
	methods := map[string][]string{}
	require.NoError(t, chi.Walk(routes, func(method, route string, handler http.Handler, middlewares ...func(http.Handler) http.Handler) error {
		assert.NotNil(t, handler)
		if len(middlewares) > 0 {
			route += fmt.Sprintf(" (%d)", len(middlewares))
		}
		methods[route] = append(methods[route], method)
		return nil
	}))
	var lines []string
	for route, served := range methods {
		if len(served) == 10 {
			served = []string{"*"}
		}
		for _, method := range served {
			lines = append(lines, method+" "+route)
		}
	}
	slices.Sort(lines)
	return lines
}

func muxOf(t *testing.T, a *app.Application) chi.Routes {
	t.Helper()
	mux, made := routing.Mux(a)
	require.True(t, made)
	return mux
}

func TestWalkShowsPatternsAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		declare func(r *routing.Route)
		want    []string
	}{
		"beside a star": {func(r *routing.Route) {
			r.Get("/users/{id}", text(""))
			r.Get("/users/*/cards", text(""))
		}, []string{"GET /users/{*1}/cards", "GET /users/{id}"}},
		"affixes": {func(r *routing.Route) {
			r.Get("/items/{id}.json", text(""))
			r.Get("/items/v-{id}", text(""))
			r.Get("/50%25/{id}%2Fx", text(""))
		}, []string{"GET /50%25/{id}%2Fx", "GET /items/v-{id}", "GET /items/{id}.json"}},
		"expressions": {func(r *routing.Route) {
			r.Get("/{id:[0-9]+}", text(""))
			r.Get("/x/{id:[a-z]{2,3}}.txt", text(""))
		}, []string{"GET /x/{id:[a-z]{2,3}}.txt", "GET /{id:[0-9]+}"}},
		"what is optional": {func(r *routing.Route) {
			r.Get("/pages/{n?}", text(""))
			r.Get("/a/{p?}/b", text(""))
			r.Get("/{lang?}", text(""))
			r.Get("/slash/{n?}/", text(""))
		}, []string{"GET /", "GET /a/{p}/b", "GET /pages", "GET /pages/{n}", "GET /slash/", "GET /slash/{n}/", "GET /{lang}"}},
		"tails": {func(r *routing.Route) {
			r.Get("/files/{path...}", text(""))
			r.Route("/dir/", func(r *routing.Route) { r.Get("{...}", text("")) })
			r.Get("/pre/x{path...}", text(""))
			r.Get("/all/{a}/{a...}", text(""))
		}, []string{"GET /all/{a}", "GET /all/{a}/*", "GET /dir/", "GET /dir/*", "GET /files", "GET /files/*", "GET /pre/x*"}},
		"a name twice": {func(r *routing.Route) {
			r.Get("/{a}/{a}/{b}/{a}", text(""))
		}, []string{"GET /{a}/{a*1}/{b}/{a*3}"}},
		"what spans segments": {func(r *routing.Route) {
			r.Route("/sums", func(r *routing.Route) { r.Regexp(`(?<n>\d+)/{2}`).Get("/x/", text("")) })
		}, []string{"GET /sums/*"}},
		"slashes": {func(r *routing.Route) {
			r.Get("/a", text(""))
			r.Post("/a/", text(""))
			r.Route("/b/", func(r *routing.Route) { r.Get("/c", text("")) })
		}, []string{"GET /a", "GET /b/c", "POST /a/"}},
		"conditions and groups": {func(r *routing.Route) {
			r.Header("X", "1").Get("/a", text(""))
			r.Group(func(r *routing.Route) { r.Get("/a", text("")) })
			r.Host("one.example").Delete("/b", text(""))
		}, []string{"DELETE /b", "GET /a"}},
		"mounts below all kinds of pieces": {func(r *routing.Route) {
			inside := chi.NewRouter()
			inside.Get("/x", http.NotFound)
			r.Route("/a/*", block).Mount("/m", inside)
			r.Route("/b/{p?}", block).Mount("", inside)
			r.Route("/c/{p}/{p}", block).Mount("/", inside)
			r.Route("/d", block).Regexp("[0-9]+").Mount("/m", inside)
		}, []string{"* /d/*", "GET /a/{*1}/m/x", "GET /b/{p}/x", "GET /c/{p}/{p*2}/x"}},
		"blanks": {func(r *routing.Route) {
			r.Get("/a%20b", text(""))
			r.Handle("/any%20method", text(""))
			r.Mount("/net http", http.NotFoundHandler())
			r.Mount("/a chi", chi.NewRouter())
		}, []string{"* /any method", "* /net http", "* /net http/*", "GET /a b"}},
		"methods": {func(r *routing.Route) {
			r.Handle("/any", text(""))
			r.Method("BREW", "/tea", text(""))
			r.SSE("/events", func(*sse.Session) error { return nil })
		}, []string{"* /any", "GET /events", "HEAD /events"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, walked(t, muxOf(t, streams(t, test.declare))))
		})
	}
}

// TestWalkGoesOnBelowAMount: into chi routers, with their middlewares, and into
// applications.
func TestWalkGoesOnBelowAMount(t *testing.T) {
	t.Parallel()
	inner := serve(t, func(r *routing.Route) {
		r.Get("/users/{id}", text(""))
		shopRoutes(r.Chi("/deep"))
	})
	a := serve(t, func(r *routing.Route) {
		r.Mount("/inner/{tenant}", inner)
		shopRoutes(r.Chi("/shop"))
		r.Get("/shop/own", text(""))
		r.Post("/shop", text(""))
		r.Mount("/plain", http.StripPrefix("/plain", chi.NewRouter()))
		r.Mount("/idle", app.New())
		for range 2 { // in two groups the first one serves
			r.Group(func(r *routing.Route) { r.Chi("/twice").Get("/x", http.NotFound) })
		}
	})
	want := []string{
		"* /idle",
		"* /idle/*",
		"* /plain",
		"* /plain/*",
		"GET /inner/{tenant}/deep/ (1)",
		"GET /inner/{tenant}/deep/orders/{id:[0-9]+} (2)",
		"GET /inner/{tenant}/users/{id}",
		"GET /shop/ (1)",
		"GET /shop/orders/{id:[0-9]+} (2)",
		"GET /shop/own",
		"GET /twice/x",
		"POST /shop",
	}
	assert.Equal(t, want, walked(t, muxOf(t, a)))
	outer := chi.NewRouter()
	outer.Mount("/", muxOf(t, a).(http.Handler))
	assert.Equal(t, want, walked(t, outer), "as a part of another listing")
	assert.Equal(t, http.StatusNotFound, ask(t, outer, "GET /shop").status, "it is only a listing")
	assert.Equal(t, "shop of ", ask(t, a, "GET /shop").body)
}

// TestAMountAtTheRootIsListed beside what is declared there.
func TestAMountAtTheRootIsListed(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		shopRoutes(r.Chi(""))
		r.Get("/own", text(""))
		r.Get("/{page...}", text(""))
	})
	listed := walked(t, muxOf(t, a))
	for _, want := range []string{"GET /own", "GET /"} {
		assert.Contains(t, listed, want)
	}
}

func TestWalkShowsTheFrame(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.RootPath = "/shop" })
		a.Install(routing.IgnoreTrailingSlash)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", text(""))
			r.Get("/users/{id}/", text(""))
			shopRoutes(r.Chi("/chi"))
		})
	})
	assert.Equal(t, []string{
		"GET /shop", "GET /shop/chi/ (1)", "GET /shop/chi/orders/{id:[0-9]+} (2)", "GET /shop/users/{id}",
	}, walked(t, muxOf(t, a)))
}

// TestTheListingIsMadeOnce, whoever looks first.
func TestTheListingIsMadeOnce(t *testing.T) {
	t.Parallel()
	var all sync.Map
	a := serve(t, func(r *routing.Route) {
		r.Get("/users/{id}", func(c *app.Call) error {
			routes := chi.RouteContext(c.Context()).Routes
			assert.Len(t, routes.Routes(), 1)
			assert.Empty(t, routes.Middlewares())
			return c.RespondText(routes.Find(chi.NewRouteContext(), http.MethodGet, "/users/8"))
		})
	})
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			mux, _ := routing.Mux(a)
			all.Store(mux, true)
			assert.Equal(t, "/users/{id}", ask(t, a, "GET /users/7").body)
		})
	}
	wait.Wait()
	count := 0
	all.Range(func(any, any) bool { count++; return true })
	assert.Equal(t, 1, count)
}

// TestGetHeadFindsTheRoutes: chi's middleware asks the routes of the context
// whether there is one for HEAD.
func TestGetHeadFindsTheRoutes(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.RootPath = "/shop" })
		routing.Routes(a, func(r *routing.Route) {
			r.Use(middleware.GetHead)
			r.Get("/users/{id}.json", func(c *app.Call) error {
				c.Header().Set("X-Served", "get")
				return c.RespondText(c.PathParam("id"))
			})
			r.Head("/own", func(c *app.Call) error {
				c.Header().Set("X-Served", "head")
				return c.RespondText("")
			})
			r.Get("/own", text("own"))
		})
	})
	assert.Equal(t, "get", ask(t, a, "HEAD /shop/users/7.json").header.Get("X-Served"))
	assert.Equal(t, "head", ask(t, a, "HEAD /shop/own").header.Get("X-Served"))
	assert.Equal(t, http.StatusNotFound, ask(t, a, "HEAD /shop/none").status)
}

// TestWhatIsListedIsServed draws routes, and asks for every pattern that is
// listed, with something in the place of its parameters.
func TestWhatIsListedIsServed(t *testing.T) {
	t.Parallel()
	braces := regexp.MustCompile(`\{[^}]*\}`)
	listed := 0
	for seed := range uint64(200) {
		c := choices{rand: rand.New(rand.NewPCG(seed, 3)), rich: true, ignoresSlash: seed%4 == 0}
		a, _ := start(t, func(a *app.Application) {
			if c.ignoresSlash {
				a.Install(routing.IgnoreTrailingSlash)
			}
			routing.Routes(a, func(r *routing.Route) {
				for range 2 + c.rand.IntN(4) {
					// Of a Regexp nobody can tell what it serves.
					declare(r, slices.DeleteFunc(c.route(), func(s string) bool { return s[0] == '~' }), text(""))
				}
			})
		})
		require.NoError(t, chi.Walk(muxOf(t, a), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			path := braces.ReplaceAllStringFunc(pattern, func(parameter string) string {
				if strings.Contains(parameter, ":b*") {
					return "b"
				}
				return "a"
			})
			path = strings.ReplaceAll(path, "*", "a")
			require.Equal(t, http.StatusOK, ask(t, a, method+" "+path).status, "seed %d: %s %s", seed, method, pattern)
			listed++
			return nil
		}))
	}
	assert.Greater(t, listed, 1000)
}
