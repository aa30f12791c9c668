package routing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// TestChiContextAroundRouting has a middleware of the application look before
// and after: it sees one context, which routing has filled in.
func TestChiContextAroundRouting(t *testing.T) {
	t.Parallel()
	var before, after []string
	watch := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rctx := chi.RouteContext(r.Context())
			before = []string{rctx.RoutePattern(), chi.URLParam(r, "id")}
			next.ServeHTTP(w, r)
			assert.Same(t, rctx, chi.RouteContext(r.Context()))
			after = []string{rctx.RoutePattern(), chi.URLParam(r, "id")}
		})
	}
	late := func(next http.Handler) http.Handler { // asks only when everything is over
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			w.Header().Set("Pattern", chi.RouteContext(r.Context()).RoutePattern())
		})
	}
	a := serve(t, func(r *routing.Route) {
		r.Use(watch)
		r.Get("/users/{id}", param("id"))
	})
	ask(t, a, "GET /users/7")
	assert.Equal(t, []string{"", ""}, before)
	assert.Equal(t, []string{"/users/{id}", "7"}, after)
	ask(t, a, "GET /nope")
	assert.Equal(t, []string{"", ""}, after)

	a = serve(t, func(r *routing.Route) {
		r.Use(late)
		r.Get("/users/{id}", param("id"))
	})
	assert.Equal(t, "/users/{id}", ask(t, a, "GET /users/7").header.Get("Pattern"))
	assert.Empty(t, ask(t, a, "GET /nope").header.Get("Pattern"))
}

// TestStarIsWhatRemains has chi's * be what a tail has taken, with a name or
// without one, and nothing at a mount, as below chi's own Mount: also where a
// router around the application has a * of its own.
func TestStarIsWhatRemains(t *testing.T) {
	t.Parallel()
	star := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q of %q", chi.URLParam(r, "*"), chi.RouteContext(r.Context()).URLParams.Keys)
	}
	a := serve(t, func(r *routing.Route) {
		r.Get("/in/files/{path...}", app.FromHTTP(http.HandlerFunc(star)))
		r.Get("/in/any/{...}", app.FromHTTP(http.HandlerFunc(star)))
		r.Mount("/in/mount", http.HandlerFunc(star))
	})
	outer := chi.NewRouter()
	outer.Handle("/in/*", a)
	for name, test := range map[string]struct {
		handler http.Handler
		around  string // the names that are known before
	}{
		"alone":          {a, ""},
		"behind another": {outer, `"*" `},
	} {
		t.Run(name, func(t *testing.T) {
			for target, want := range map[string]string{
				"/in/files/x%2Fy/z": `"x/y/z" of [` + test.around + `"path" "*"]`,
				"/in/files":         `"" of [` + test.around + `"path" "*"]`,
				"/in/any/x/y":       `"x/y" of [` + test.around + `"*"]`,
				"/in/mount/x/y":     `"" of [` + test.around + `"*"]`,
				"/in/mount":         `"" of [` + test.around + `"*"]`,
			} {
				assert.Equal(t, want, ask(t, test.handler, "GET "+target).body, target)
			}
		})
	}
}

// TestGoroutinesKeepTheirParameters has goroutines outlive their calls and read
// what was theirs, also of a chi router around the application, whose context
// goes on to other requests.
func TestGoroutinesKeepTheirParameters(t *testing.T) {
	t.Parallel()
	const calls = 200
	var wait sync.WaitGroup
	release := make(chan struct{})
	var mu sync.Mutex
	seen := map[string]bool{}
	a := serve(t, func(r *routing.Route) {
		r.Get("/users/{id}/{rest...}", func(c *app.Call) error {
			want, tenant, request := c.PathParam("id"), c.PathParam("tenant"), c.Request
			pattern := "/users/{id}/*"
			if tenant != "" {
				pattern = "/tenants/{tenant}" + pattern
			}
			wait.Go(func() {
				<-release
				assert.Equal(t, want, chi.URLParam(request, "id"))
				assert.Equal(t, tenant, chi.URLParam(request, "tenant"))
				assert.Equal(t, "x/y", chi.URLParam(request, "rest"))
				assert.Equal(t, want, request.PathValue("id"))
				assert.Equal(t, pattern, chi.RouteContext(request.Context()).RoutePattern())
				mu.Lock()
				defer mu.Unlock()
				seen[tenant+want] = true
			})
			return c.RespondText(want)
		})
	})
	outer := chi.NewRouter()
	outer.Mount("/", a)
	outer.Mount("/tenants/{tenant}", a)
	// It leaves a context with room behind, for the next request.
	outer.Route("/deep", func(r chi.Router) {
		r.Route("/{a}", func(r chi.Router) {
			r.Route("/{b}/{c}", func(r chi.Router) {
				r.Get("/{d}/{e}/{f}/*", func(http.ResponseWriter, *http.Request) {})
			})
		})
	})
	server := httptest.NewServer(outer)
	defer server.Close()
	for i := range calls {
		require.Equal(t, http.StatusOK, ask(t, outer, "GET /deep/1/2/3/4/5/6/7/8").status)
		target := "/users/" + strconv.Itoa(i) + "/x/y"
		if i%2 == 0 {
			target = "/tenants/t" + strconv.Itoa(i) + target
		}
		response, err := http.Get(server.URL + target)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		if i == calls/2 {
			close(release)
		}
	}
	wait.Wait()
	assert.Len(t, seen, calls)
}

// TestForksKnowTheirRoute has net/http's TimeoutHandler run the rest on a
// goroutine of its own, before routing and after.
func TestForksKnowTheirRoute(t *testing.T) {
	t.Parallel()
	fork := func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "") }
	said := func(c *app.Call) error {
		rctx := chi.RouteContext(c.Context())
		return c.RespondText(fmt.Sprint(chi.URLParam(c.Request, "id"), " ", c.PathParam("id"), " ", rctx.RoutePattern(), " ", len(rctx.URLParams.Keys)))
	}
	sub := chi.NewRouter()
	sub.Get("/{x}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, chi.URLParam(r, "id"), " ", chi.URLParam(r, "x"), " ", chi.RouteContext(r.Context()).RoutePattern())
	})
	routes := func(r *routing.Route) {
		r.Get("/users/{id}", said)
		r.Mount("/mount/{id}", sub)
	}
	before := serve(t, func(r *routing.Route) {
		r.Use(middleware.CleanPath, fork)
		routes(r)
	})
	after := serve(t, func(r *routing.Route) {
		r.Use(middleware.CleanPath)
		r.Route("", func(r *routing.Route) {
			routes(r)
			r.Route("/users", func(r *routing.Route) { r.Use(noting(""), fork) })
			r.Route("/mount", func(r *routing.Route) { r.Use(fork) })
		})
	})
	for name, a := range map[string]*app.Application{"before": before, "after": after} {
		assert.Equal(t, "7 7 /users/{id} 1", ask(t, a, "GET /x/../users/7").body, name)
		assert.Equal(t, "7 8 /mount/{id}/{x}", ask(t, a, "GET /x/../mount/7/8").body, name)
	}
}

// TestForksHavePathValuesOfTheirOwn abandons a fork that goes on into a chi
// router, which sets path values, while the call that was answered in its place
// still reads its own.
func TestForksHavePathValuesOfTheirOwn(t *testing.T) {
	t.Parallel()
	entered, over := make(chan struct{}), make(chan struct{})
	var left sync.WaitGroup
	abandon := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			left.Go(func() { next.ServeHTTP(httptest.NewRecorder(), r) })
			<-entered
			w.WriteHeader(http.StatusServiceUnavailable)
		})
	}
	sub := chi.NewRouter()
	sub.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(entered)
			<-over
			next.ServeHTTP(w, r)
		})
	})
	sub.Get("/{id}", func(w http.ResponseWriter, r *http.Request) { assert.Equal(t, "inner", chi.URLParam(r, "id")) })
	reader := app.NewPlugin("Reader", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnResponseSent(func(c *app.Call) {
			close(over)
			for range 1000 {
				assert.Equal(t, "outer", c.PathParam("id"))
				assert.Equal(t, "outer", chi.URLParam(c.Request, "id"))
			}
		})
		return nil
	})
	a, _ := start(t, func(a *app.Application) {
		a.Install(reader)
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/mount/{id}", sub).Use(abandon)
		})
	})
	assert.Equal(t, http.StatusServiceUnavailable, ask(t, a, "GET /mount/outer/inner").status)
	left.Wait()
}

func TestForkAfterRoutingWithoutAContext(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Route("/users", func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "") })
			r.Get("/{id}", func(c *app.Call) error {
				return c.RespondText(chi.URLParam(c.Request, "id") + " " + chi.RouteContext(c.Context()).RoutePattern())
			})
		})
	})
	assert.Equal(t, "7 /users/{id}", ask(t, a, "GET /users/7").body)
}

// TestAnApplicationGoesOnWhereAnotherRouterStopped mounts the application where others route first.
func TestAnApplicationGoesOnWhereAnotherRouterStopped(t *testing.T) {
	t.Parallel()
	said := func(c *app.Call) error {
		return c.RespondText(fmt.Sprint(c.PathParam("id"), " ", chi.URLParam(c.Request, "id"), " ",
			c.PathParam("tenant"), " ", chi.URLParam(c.Request, "tenant"), " ", chi.RouteContext(c.Context()).RoutePattern()))
	}
	sub := chi.NewRouter()
	sub.Get("/{x}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, chi.URLParam(r, "tenant"), " ", chi.URLParam(r, "x"), " ", chi.RouteContext(r.Context()).RoutePattern())
	})
	a := serve(t, func(r *routing.Route) {
		r.Get("/users/{id}", said)
		r.Delete("/users/{id}", text("deleted"))
		r.Mount("/legacy", sub)
		r.Get("/slashed/", text("slashed"))
	})

	outer := chi.NewRouter()
	outer.Mount("/tenants/{tenant}", a)
	outer.Mount("/stripped", http.StripPrefix("/stripped", a))
	outer.With(middleware.GetHead).Mount("/head", a)
	outer.Handle("/users/{tenant}", a)
	assert.Equal(t, "a/b a/b acme acme /tenants/{tenant}/users/{id}", ask(t, outer, "GET /tenants/acme/users/a%2Fb").body)
	assert.Equal(t, "7 7   /stripped/users/{id}", ask(t, outer, "GET /stripped/users/7").body)
	assert.Equal(t, "7 7 7 7 /users/{tenant}/users/{id}", ask(t, outer, "GET /users/7").body)
	assert.Equal(t, "acme 8 /tenants/{tenant}/legacy/{x}", ask(t, outer, "GET /tenants/acme/legacy/8").body)
	assert.Equal(t, "slashed", ask(t, outer, "GET /tenants/acme/slashed/").body)
	assert.Equal(t, "deleted", ask(t, outer, "DELETE /tenants/acme/users/7").body)
	assert.Equal(t, http.StatusNotFound, ask(t, outer, "GET /tenants/acme/nope").status)
	assert.Equal(t, http.StatusNotFound, ask(t, outer, "GET /tenants/acme").status)
	got := ask(t, outer, "POST /tenants/acme/users/7")
	assert.Equal(t, http.StatusMethodNotAllowed, got.status)
	assert.Equal(t, "DELETE, GET", got.header.Get("Allow"))

	mux := http.NewServeMux()
	mux.Handle("/", a)
	mux.Handle("/in/{tenant}/", http.StripPrefix("/in/acme", a))
	assert.Equal(t, "7 7   /users/{id}", ask(t, mux, "GET /users/7").body)
	assert.Equal(t, "7 7 acme  /users/{id}", ask(t, mux, "GET /in/acme/users/7").body)
}

// TestAChoiceOfMethodOrPathHoldsInsideAndOutside has a method chosen by a router around lose to
// one that a middleware inside chooses.
func TestAChoiceOfMethodOrPathHoldsInsideAndOutside(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Use(func(next http.Handler) http.Handler {
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
	outer := chi.NewRouter()
	outer.Use(middleware.GetHead)
	outer.Mount("/in", a)
	assert.Equal(t, "delete", ask(t, outer, "POST /in/x", "X-Http-Method-Override", "DELETE").body)
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, outer, "POST /in/x").status)
	got := ask(t, outer, "HEAD /in/x")
	assert.Equal(t, http.StatusMethodNotAllowed, got.status, "the mount takes HEAD, so GetHead outside chooses nothing")
}

// TestTheChiPatternOfATailWithAText is the one that Mux lists.
func TestTheChiPatternOfATailWithAText(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get("/img/%7Bv-{path...}", func(c *app.Call) error {
			return c.RespondText(chi.RouteContext(c.Context()).RoutePattern())
		})
	})
	assert.Equal(t, []string{"GET /img/%7Bv-*"}, walked(t, muxOf(t, a)))
	assert.Equal(t, "/img/%7Bv-*", ask(t, a, "GET /img/%7Bv-1/2").body)
}
