package routing_test

import (
	"context"
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

// shopRoutes is code that somebody has written for chi.
func shopRoutes(r chi.Router) {
	r.Use(middleware.SetHeader("X-Shop", "yes"))
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "shop of "+chi.URLParam(r, "tenant")) })
	r.Route("/orders", func(r chi.Router) {
		r.With(middleware.NoCache).Get("/{id:[0-9]+}", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s of %s at %s", chi.URLParam(r, "id"), r.PathValue("tenant"), chi.RouteContext(r.Context()).RoutePattern())
		})
	})
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not in the shop", http.StatusNotFound) })
}

func TestAChiRouterAtANode(t *testing.T) {
	t.Parallel()
	a, _ := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/tenants/{tenant}", func(r *routing.Route) {
				r.Use(noting("around"))
				shopRoutes(r.Chi("/shop"))
				r.Get("/shop/own", told("own"))
			})
		})
	})
	for line, want := range map[string]answer{
		"GET /tenants/acme/shop":           {http.StatusOK, nil, "shop of acme"},
		"GET /tenants/acme/shop/":          {http.StatusOK, nil, "shop of acme"},
		"GET /tenants/acme/shop/orders/7":  {http.StatusOK, nil, "7 of acme at /tenants/{tenant}/shop/orders/{id:[0-9]+}"},
		"GET /tenants/acme/shop/orders/x":  {http.StatusNotFound, nil, "not in the shop\n"},
		"POST /tenants/acme/shop/orders/7": {http.StatusMethodNotAllowed, nil, ""},
		"GET /tenants/acme/shop/own":       {http.StatusOK, nil, "around own"},
	} {
		got := ask(t, a, line)
		assert.Equal(t, want.status, got.status, line)
		assert.Equal(t, want.body, got.body, line)
	}
	assert.Equal(t, "yes", ask(t, a, "GET /tenants/acme/shop/x").header.Get("X-Shop"), "chi's own rule")
	assert.Empty(t, ask(t, a, "GET /tenants/acme/other").header.Get("X-Shop"))
}

// TestAChiRouterWithoutRoutes serves nothing.
func TestAChiRouterWithoutRoutes(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) { r.Chi("/empty") })
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /empty/x").status)
}

func TestMistakesOfAChiRouter(t *testing.T) {
	t.Parallel()
	var first, second app.Site
	said := mistakes(t, func(r *routing.Route) {
		first = app.Caller(0)
		r.Chi("/x")
		second = app.Caller(0)
		r.Chi("/x")
	})
	first.Line++
	second.Line++
	assert.Equal(t, second.String()+": chi /x: something is mounted there already, at "+first.String(), said)
	said = mistakes(t, func(r *routing.Route) { shopRoutes(r.Chi("/{")) })
	assert.Contains(t, said, `chi /{: "{": the braces do not match`)
	assert.NotContains(t, said, "\n")
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			first = app.Caller(0)
			r.Chi("/x").Get("no slash", nil)
		})
	})
	quiet(application)
	err := application.Start(t.Context())
	first.Line++
	require.ErrorContains(t, err, first.String()+": module: panic: chi: routing pattern must begin with '/'", "what chi panics with")
}

func ExampleRoute_Chi() {
	users := func(r chi.Router) { // written for chi
		r.Use(middleware.SetHeader("X-Users", "yes"))
		r.Get("/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "user "+chi.URLParam(r, "id")) })
	}
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			users(r.Chi("/users"))
			r.Get("/", func(c *app.Call) error { return c.RespondText("index") })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	show(application, http.MethodGet, "/")
	show(application, http.MethodGet, "/users/7")
	// Output:
	// GET / 200 index
	// GET /users/7 200 user 7
}
