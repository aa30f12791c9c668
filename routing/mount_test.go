package routing_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// echo tells what a mounted handler sees.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	rctx := chi.RouteContext(r.Context())
	fmt.Fprintf(w, "%s path=%s raw=%s route=%s pattern=%s", r.Method, r.URL.Path, r.URL.RawPath, rctx.RoutePath, rctx.RoutePattern())
})

func TestMountTakesEverythingBelow(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get("/get", text("get"))
		r.Route("/api", func(r *routing.Route) {
			r.Mount("/legacy", echo)
			r.Get("/legacy/own", text("own"))
			r.Post("/legacy", text("post"))
		})
	})
	for line, want := range map[string]string{
		"GET /api/legacy":            "GET path=/api/legacy raw= route=/ pattern=/api/legacy/*",
		"GET /api/legacy/":           "GET path=/api/legacy/ raw= route=/ pattern=/api/legacy/*",
		"GET /api/legacy/x/y":        "GET path=/api/legacy/x/y raw= route=/x/y pattern=/api/legacy/*",
		"GET /api/legacy/x/":         "GET path=/api/legacy/x/ raw= route=/x/ pattern=/api/legacy/*",
		"GET //api///legacy//x//y":   "GET path=//api///legacy//x//y raw= route=/x//y pattern=/api/legacy/*",
		"DELETE /api/legacy/x":       "DELETE path=/api/legacy/x raw= route=/x pattern=/api/legacy/*",
		"PROPFIND /api/legacy/x":     "PROPFIND path=/api/legacy/x raw= route=/x pattern=/api/legacy/*",
		"PROPFIND /api/legacy":       "PROPFIND path=/api/legacy raw= route=/ pattern=/api/legacy/*",
		"GET /api/legacy/a%2Fb/c":    "GET path=/api/legacy/a/b/c raw=/api/legacy/a%2Fb/c route=/a%2Fb/c pattern=/api/legacy/*",
		"GET /%61pi/l%65gacy/x%20y":  "GET path=/api/legacy/x y raw=/%61pi/l%65gacy/x%20y route=/x%20y pattern=/api/legacy/*",
		"GET /api/legacy/50%25":      "GET path=/api/legacy/50% raw= route=/50% pattern=/api/legacy/*",
		"GET /api/legacy/own":        "own",
		"POST /api/legacy/own":       "POST path=/api/legacy/own raw= route=/own pattern=/api/legacy/*",
		"POST /api/legacy":           "post",
		"OPTIONS /api/legacy":        "OPTIONS path=/api/legacy raw= route=/ pattern=/api/legacy/*",
		"GET /get":                   "get",
		"GET /api/legacy/%7Bx%7D/*z": "GET path=/api/legacy/{x}/*z raw=/api/legacy/%7Bx%7D/*z route=/%7Bx%7D/*z pattern=/api/legacy/*",
	} {
		assert.Equal(t, want, ask(t, a, line).body, line)
	}
	for _, line := range []string{"GET /api", "GET /api/legacyx", "GET /api/x"} {
		assert.Equal(t, http.StatusNotFound, ask(t, a, line).status, line)
	}
	got := ask(t, a, "HEAD /api/legacy/x")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Empty(t, got.body)
}

func TestAMountAtTheRootTakesEverything(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Mount("", echo)
		r.Get("/own", text("own"))
	})
	assert.Equal(t, "own", ask(t, a, "GET /own").body)
	assert.Equal(t, "GET path=/ raw= route=/ pattern=/*", ask(t, a, "GET /").body)
	assert.Equal(t, "PUT path=/own raw= route=/own pattern=/*", ask(t, a, "PUT /own").body)
	assert.Equal(t, "GET path=/x/y raw= route=/x/y pattern=/*", ask(t, a, "GET /x/y").body)
}

func TestWhatAMountAnswersIsFinal(t *testing.T) {
	t.Parallel()
	fallback := 0
	a, _ := start(t, func(a *app.Application) {
		a.Intercept(app.PhaseFallback, func(next app.Handler) app.Handler {
			return func(c *app.Call) error { fallback++; return next(c) }
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/missing", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Error(w, "not here", http.StatusNotFound)
			}))
			r.Mount("/silent", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		})
	})
	got := ask(t, a, "POST /missing/x")
	assert.Equal(t, http.StatusNotFound, got.status)
	assert.Equal(t, "not here\n", got.body)
	got = ask(t, a, "GET /silent/x")
	assert.Equal(t, http.StatusOK, got.status, "net/http's rule, not the 404 of a handler of the DSL")
	assert.Empty(t, got.body)
	assert.Zero(t, fallback)
}

func TestAMountedChiRouterFindsItsPart(t *testing.T) {
	t.Parallel()
	sub := chi.NewRouter()
	var seen []string
	sub.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			seen = append(seen, chi.RouteContext(r.Context()).RoutePattern())
		})
	})
	sub.Get("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "index of "+chi.URLParam(r, "tenant")) })
	sub.Route("/users", func(r chi.Router) {
		r.Get("/{id}", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s of %s, %s of %s", chi.URLParam(r, "id"), chi.URLParam(r, "tenant"), r.PathValue("id"), r.PathValue("tenant"))
		})
	})
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/tenants/{tenant}/shop", sub).Use(noting("around"))
		})
	})
	for line, want := range map[string]answer{
		"GET /tenants/acme/shop":              {http.StatusOK, nil, "index of acme"},
		"GET /tenants/a%2Fb/shop/":            {http.StatusOK, nil, "index of a/b"},
		"GET /tenants/acme/shop/users/7":      {http.StatusOK, nil, "7 of acme, 7 of acme"},
		"GET /tenants/acme/shop/users/7/x":    {http.StatusNotFound, nil, "404 page not found\n"},
		"POST /tenants/acme/shop/users/7":     {http.StatusMethodNotAllowed, nil, ""},
		"PROPFIND /tenants/acme/shop/users/7": {http.StatusMethodNotAllowed, nil, ""},
	} {
		got := ask(t, a, line)
		assert.Equal(t, want.status, got.status, line)
		assert.Equal(t, want.body, got.body, line)
	}
	seen = nil
	ask(t, a, "GET /tenants/acme/shop/users/7")
	assert.Equal(t, []string{"/tenants/{tenant}/shop/users/{id}"}, seen)
	require.Equal(t, "GET", ask(t, a, "POST /tenants/acme/shop/users/7").header.Get("Allow"))
}

func TestAMountedServeMuxSeesTheWholePath(t *testing.T) {
	t.Parallel()
	whole, stripped := http.NewServeMux(), http.NewServeMux()
	whole.HandleFunc("GET /whole/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Pattern+" "+r.PathValue("id")) })
	stripped.HandleFunc("GET /{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Pattern+" "+r.PathValue("id")+" "+r.PathValue("tenant"))
	})
	stripped.HandleFunc("/dir/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	a := serve(t, func(r *routing.Route) {
		r.Mount("/whole", whole)
		r.Mount("/stripped", http.StripPrefix("/stripped", stripped))
	})
	assert.Equal(t, "GET /whole/{id} 7", ask(t, a, "GET /whole/7").body)
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "POST /whole/7").status)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /whole").status)
	assert.Equal(t, "GET /{id} 7 ", ask(t, a, "GET /stripped/7").body)
	assert.Equal(t, "/dir/x", ask(t, a, "GET /stripped/dir/x").body)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /stripped/x/y").status)
}

func TestChisProfilerCanBeMounted(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) { r.Mount("/debug", middleware.Profiler()) })
	assert.Equal(t, http.StatusOK, ask(t, a, "GET /debug/vars").status)
	assert.Contains(t, ask(t, a, "GET /debug/pprof/").body, "goroutine")
	assert.Equal(t, "/debug/pprof/", ask(t, a, "GET /debug/pprof").header.Get("Location"))
}

func TestAnApplicationCanBeMounted(t *testing.T) {
	t.Parallel()
	inner := serve(t, func(r *routing.Route) {
		r.Get("/users/{id}", func(c *app.Call) error {
			return c.RespondText(c.PathParam("tenant") + " " + c.PathParam("id") + " " + chi.RouteContext(c.Context()).RoutePattern())
		})
	})
	outer := serve(t, func(r *routing.Route) {
		r.Mount("/in/{tenant}", inner)
		r.Mount("/stripped", http.StripPrefix("/stripped", inner))
	})
	assert.Equal(t, "acme 7 /in/{tenant}/users/{id}", ask(t, outer, "GET /in/acme/users/7").body)
	assert.Equal(t, " 7 /stripped/users/{id}", ask(t, outer, "GET /stripped/users/7").body)
	assert.Equal(t, http.StatusNotFound, ask(t, outer, "GET /in/acme/x").status)
	assert.Equal(t, "GET", ask(t, outer, "POST /in/acme/users/7").header.Get("Allow"))
}

func TestMountKeepsItsMiddlewares(t *testing.T) {
	t.Parallel()
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/x", func(r *routing.Route) {
				r.Mount("/m", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					c, _ := app.CallFrom(r.Context())
					_ = told("mounted")(c)
				})).Install(named("on the mount"))
				r.Use(noting("block"))
			})
		})
	})
	assert.Equal(t, "block on the mount/default mounted", ask(t, a, "GET /x/m/y").body)
}
