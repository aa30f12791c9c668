package routing_test

import (
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

func TestIgnoreTrailingSlash(t *testing.T) {
	t.Parallel()
	chiRouter := chi.NewRouter()
	chiRouter.Get("/x/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("mounted")) })
	a, log := start(t, func(a *app.Application) {
		a.Install(routing.IgnoreTrailingSlash)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/with/", text("with"))
			r.Get("/without", text("without"))
			r.Get("/users/{id}/", param("id"))
			r.Get("/files/{path...}", param("path"))
			r.Get("/maybe/{x?}", param("x"))
			r.Get("/deep/", text("deep")).Route("", block)
			r.Route("/deep/", func(r *routing.Route) { r.Get("/er/", text("deeper")) })
			r.Get("/", text("root"))
			r.Mount("/mounted", chiRouter)
			r.Regexp("/any.*/").Get("", text("expression"))
			r.Header("X", "1").Get("/with", text("condition"))
		})
	})
	for path, want := range map[string]string{
		"/": "root", "//": "root", "/with": "with", "/with/": "with", "/without/": "without", "/without": "without",
		"/users/7": "7", "/users/7/": "7", "/files/a/b/": "a/b", "/files/": "", "/maybe/": "", "/maybe/x/": "x",
		"/deep": "deep", "/deep/": "deep", "/deep/er": "deeper", "/deep/er/": "deeper", "/mounted/x/": "mounted",
		"/anything": "expression", "/anything/": "expression",
	} {
		got := ask(t, a, "GET "+path)
		assert.Equal(t, http.StatusOK, got.status, path)
		assert.Equal(t, want, got.body, path)
	}
	assert.Equal(t, "condition", ask(t, a, "GET /with/", "X", "1").body)
	assert.Equal(t, "GET", ask(t, a, "PUT /without/").header.Get("Allow"))
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /mounted/x").status, "a mount sees the path as it is")
	assert.Empty(t, log.String())
}

func TestIgnoreTrailingSlashWithPluginsThatAskForRoutes(t *testing.T) {
	t.Parallel()
	policy := cors.Plugin.With(func(c *cors.Config) { c.AllowHost("a.example") })
	a, _ := start(t, func(a *app.Application) {
		a.Install(routing.IgnoreTrailingSlash)
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) { r.Install(policy); r.Get("/grouped/", text("")) })
			r.Route("/below/", func(r *routing.Route) { r.Install(policy); r.Get("x", text("")) })
		})
	})
	for _, path := range []string{"/grouped", "/grouped/", "/below", "/below/x/"} {
		got := ask(t, a, "OPTIONS "+path, "Origin", "http://a.example", "Access-Control-Request-Method", "GET")
		assert.Equal(t, "http://a.example", got.header.Get("Access-Control-Allow-Origin"), path)
	}
}

func TestRootPath(t *testing.T) {
	t.Parallel()
	chiRouter := chi.NewRouter()
	chiRouter.Get("/x", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(chi.RouteContext(r.Context()).RoutePattern()))
	})
	routed := func(c *app.Call) error { return c.RespondText(c.Route() + " " + c.Request.URL.Path) }
	a, _ := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.RootPath = "shop/caf%C3%A9/" })
		routing.Routes(a, func(r *routing.Route) {
			r.Get("", routed)
			r.Get("/users/{id}", routed)
			r.Get("/slash/", routed)
			r.Mount("/mounted", chiRouter)
		})
		a.Use(noting("seen"))
	}, tracing)
	for path, want := range map[string]string{
		"/shop/café":            "/shop/café /shop/café",
		"/shop/café/":           "/shop/café /shop/café/",
		"/shop/café/users/7":    "/shop/café/users/{id} /shop/café/users/7",
		"//shop//café/users/7":  "/shop/café/users/{id} //shop//café/users/7",
		"/shop/café/slash/":     "/shop/café/slash/ /shop/café/slash/",
		"/shop/café/mounted/x":  "/shop/café/mounted/x",
		"/shop/caf%C3%A9/":      "/shop/café /shop/café/",
		"/shop/caf%C3%A9x":      "404",
		"/shop":                 "404",
		"/":                     "404",
		"/users/7":              "404",
		"/shop%2Fcafé/users/7":  "404",
		"/shop/café/users/7/no": "404",
	} {
		got := ask(t, a, "GET "+path)
		if want == "404" {
			assert.Equal(t, http.StatusNotFound, got.status, path)
			continue
		}
		assert.Equal(t, want, got.body, path)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "PUT /shop/café/users/7").status)
	assert.Equal(t, "shop/caf%C3%A9/", a.RootPath())
}

func TestARootPathIsOfConstants(t *testing.T) {
	t.Parallel()
	for path, reason := range map[string]string{
		"/{shop}":   `root path "/{shop}": a parameter, a * or a tail cannot be in it`,
		"*":         `root path "*": a parameter, a * or a tail cannot be in it`,
		"/x/{y...}": `root path "/x/{y...}": a parameter, a * or a tail cannot be in it`,
		"/{":        `root path "/{": "{": the braces do not match`,
	} {
		a := app.New(func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.RootPath = path })
			routing.Routes(a, block)
		})
		quiet(a)
		require.EqualError(t, a.Start(t.Context()), reason)
	}
}
