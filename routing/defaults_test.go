package routing_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// wanting returns a plugin that asks for routes and notes in a header that it
// has seen a call.
func wanting(name, method, like string) *app.Plugin[struct{}] {
	return app.NewScopedPlugin(name, func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.DefaultRoutes(method, like)
		b.OnCall(func(c *app.Call) error { c.Header().Add("X-Seen", name); return nil })
		return nil
	})
}

// naming is a handler that says its name, which HEAD can see.
func naming(name string) app.Handler {
	return func(c *app.Call) error {
		c.Header().Set("X-Handler", name)
		return c.RespondStatus(http.StatusOK)
	}
}

// A method is served by the routes for another one, each at its own path, and
// whoever has that path for the method wins.
func TestDefaultRoutesServeLikeAnotherMethod(t *testing.T) {
	a, log := start(t, func(a *app.Application) {
		a.Install(wanting("heads", http.MethodHead, http.MethodGet))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/get", naming("get"))
			r.Get("/own", naming("get"))
			r.Head("/own", naming("head"))
			r.Handle("/any", naming("any"))
			r.Get("/any", naming("get"))
			r.Handle("/only", naming("any"))
			r.Get("/users/{id}", naming("user"))
			r.Head("/users/me", naming("me"))
			r.Get("/files/{path...}", naming("files"))
			r.Post("/post", naming("post"))
			r.Get("/slash/", naming("slash"))
		})
	})
	for path, want := range map[string]string{
		"/get": "get", "/own": "head", "/any": "get", "/only": "any", "/users/7": "user", "/users/me": "me",
		"/files/a/b": "files", "/files": "files", "/slash/": "slash",
	} {
		response := ask(t, a, "HEAD "+path)
		assert.Equal(t, 200, response.status, path)
		assert.Equal(t, want, response.header.Get("X-Handler"), path)
	}
	response := ask(t, a, "HEAD /post")
	assert.Equal(t, 405, response.status)
	assert.Equal(t, "POST", response.header.Get("Allow"))
	assert.Equal(t, "GET, HEAD", ask(t, a, "DELETE /get").header.Get("Allow"))
	assert.Equal(t, 404, ask(t, a, "HEAD /slash").status)
	assert.NotContains(t, log.String(), "never be reached")
}

func TestDefaultRoutesOfARouteServeBelowItAlone(t *testing.T) {
	a := serve(t, func(r *routing.Route) {
		r.Get("/outside", naming("outside"))
		r.Route("/inside", func(r *routing.Route) {
			r.Install(wanting("heads", http.MethodHead, http.MethodGet))
			r.Get("/", naming("root"))
			r.Get("/a", naming("a"))
			r.Post("/post", naming("post"))
		})
	})
	assert.Equal(t, 405, ask(t, a, "HEAD /inside/post").status, "there is nothing like it")
	assert.Equal(t, 405, ask(t, a, "HEAD /outside").status)
	assert.Equal(t, "root", ask(t, a, "HEAD /inside/").header.Get("X-Handler"))
	assert.Equal(t, "a", ask(t, a, "HEAD /inside/a").header.Get("X-Handler"))
}

// Routes without handlers are everywhere below the route of the plugin where
// nobody else serves the method, and are the plugin's of the innermost route.
// Ktor's CORS adds them as {cors-options-wildcard...}.
func TestDefaultRoutesFillWhatNothingElseServes(t *testing.T) {
	inner := wanting("plugin", http.MethodOptions, "")
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/beside", naming("beside"))
			r.Route("/api", func(r *routing.Route) {
				r.Get("/users/{id}", naming("user"))
				r.Options("/own", naming("own"))
				r.Handle("/any", naming("any"))
				r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Handler", "mounted") }))
				r.Route("/inner", func(r *routing.Route) {
					r.Install(inner)
					r.Get("", naming("inner"))
				})
				r.Route("/files/{path...}", func(r *routing.Route) {
					r.Install(inner)
					r.Get("", naming("files"))
				})
				r.Install(wanting("outer", http.MethodOptions, ""))
			})
		})
	})
	for path, want := range map[string]struct {
		status        int
		seen, handler string
	}{
		"/api":             {404, "outer", ""},
		"/api/":            {404, "outer", ""},
		"/api/users/7":     {404, "outer", ""},
		"/api/nowhere/at":  {404, "outer", ""},
		"/api/own":         {200, "outer", "own"},
		"/api/any":         {200, "outer", "any"},
		"/api/mounted/x":   {200, "outer", "mounted"},
		"/api/inner":       {404, "outer plugin", ""},
		"/api/inner/x/y":   {404, "outer plugin", ""},
		"/api/files/x/y":   {404, "outer plugin", ""},
		"/beside":          {405, "", ""},
		"/nowhere/at/all/": {404, "", ""},
	} {
		response := ask(t, a, "OPTIONS "+path)
		assert.Equal(t, want.status, response.status, path)
		seen := ""
		for i, name := range response.header["X-Seen"] {
			if i > 0 {
				seen += " "
			}
			seen += name
		}
		assert.Equal(t, want.seen, seen, path)
		assert.Equal(t, want.handler, response.header.Get("X-Handler"), path)
	}
	response := ask(t, a, "DELETE /api/users/7")
	assert.Equal(t, 405, response.status)
	assert.Equal(t, "GET", response.header.Get("Allow"))
	assert.Equal(t, 404, ask(t, a, "DELETE /api/nowhere").status, "such a route alone does not make it 405 (R301)")
	assert.Empty(t, log.String(), "a call that the plugin leaves is no handler's silence")
}

func TestDefaultRoutesOnAMountAreTheMounts(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		mounted := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Handler", "mounted") })
		r.Mount("/m", mounted).Install(wanting("plugin", http.MethodOptions, ""))
	})
	for _, path := range []string{"/m", "/m/x/y"} {
		got := ask(t, a, "OPTIONS "+path)
		assert.Equal(t, http.StatusOK, got.status, path)
		assert.Equal(t, "mounted", got.header.Get("X-Handler"), path)
		assert.Equal(t, "plugin", got.header.Get("X-Seen"), path)
	}
}

// Where conditions choose, a plugin's OPTIONS is what remains: any OPTIONS of
// the application's own that fits comes first, however little its path or its
// condition counts, and so does what it serves with any method.
func TestDefaultRoutesComeAfterTheApplicationsOwnBesideConditions(t *testing.T) {
	t.Parallel()
	plugin := wanting("plugin", http.MethodOptions, "")
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Header("X", "2").Get("/{everything...}", text("")) // leaves no choice to chi
			r.Options("/tail/own/{path...}", naming("own tail"))
			for _, at := range []string{"/api", "/tail", "/same", "/any", "/by/{id}", "/condition"} {
				r.Route(at, block).Install(plugin)
			}
			r.Route("/api", func(r *routing.Route) {
				r.Get("/users", naming("users"))
				r.Header("X", "1").Get("/users", naming("users"))
				r.Options("/own", naming("own"))
				r.Header("X", "1").Options("/own", naming("own, one"))
				r.OptionalParam("q").Options("/maybe", naming("maybe"))
				r.Options("/{parameter}/own", naming("parameter"))
				r.Options("/*/star", naming("star"))
				r.Handle("/any", naming("any"))
				r.OptionalParam("q").Handle("/any/maybe", naming("any, maybe"))
			})
			r.Route("/same", func(r *routing.Route) {
				r.Options("/{...}", naming("own, at the plugin's place"))
				r.Header("X", "1").Get("/x", naming("x"))
			})
			r.Handle("/any/{...}", naming("any, at the plugin's place"))
			r.Handle("/by/{name}/{...}", naming("any, in other words"))
			r.Route("/condition", func(r *routing.Route) {
				r.Header("X", "1").Options("/{...}", naming("own, one"))
				r.Header("X", "1").Get("/x", naming("x"))
			})
		})
	})
	for name, test := range map[string]struct {
		line, x       string
		status        int
		seen, handler string
	}{
		"nothing else":                           {"OPTIONS /api/users", "", 404, "plugin", ""},
		"nothing else, whatever holds":           {"OPTIONS /api/users", "1", 404, "plugin", ""},
		"no path but the plugin's":               {"OPTIONS /api/nowhere/at/all", "1", 404, "plugin", ""},
		"the path of the plugin's route":         {"OPTIONS /api", "1", 404, "plugin", ""},
		"an own one":                             {"OPTIONS /api/own", "", 200, "plugin", "own"},
		"an own one with a condition":            {"OPTIONS /api/own", "1", 200, "plugin", "own, one"},
		"one whose condition counts little":      {"OPTIONS /api/maybe", "", 200, "plugin", "maybe"},
		"one with a parameter":                   {"OPTIONS /api/x/own", "", 200, "plugin", "parameter"},
		"one with a *":                           {"OPTIONS /api/x/star", "", 200, "plugin", "star"},
		"one for any method":                     {"OPTIONS /api/any", "", 200, "plugin", "any"},
		"one for any method that counts less":    {"OPTIONS /api/any/maybe", "", 200, "plugin", "any, maybe"},
		"an own tail, declared before":           {"OPTIONS /tail/own/x", "", 200, "plugin", "own tail"},
		"an own tail, without a rest":            {"OPTIONS /tail/own", "", 200, "plugin", "own tail"},
		"beside an own tail":                     {"OPTIONS /tail/other", "", 404, "plugin", ""},
		"an own one at the very place":           {"OPTIONS /same/x", "1", 200, "plugin", "own, at the plugin's place"},
		"one for any method at the very place":   {"OPTIONS /any/x", "", 200, "plugin", "any, at the plugin's place"},
		"and in other words":                     {"OPTIONS /by/me/x", "", 200, "", "any, in other words"},
		"an own one there whose condition holds": {"OPTIONS /condition/x", "1", 200, "plugin", "own, one"},
		"one there whose condition fails":        {"OPTIONS /condition/x", "", 404, "plugin", ""},
		"another method is not allowed":          {"DELETE /api/users", "1", 405, "", ""},
		"another method of the plugin's alone":   {"DELETE /api/nowhere", "1", 404, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, a, test.line, "X", test.x)
			assert.Equal(t, test.status, got.status)
			assert.Equal(t, test.seen, got.header.Get("X-Seen"))
			assert.Equal(t, test.handler, got.header.Get("X-Handler"))
		})
	}
	assert.Equal(t, "GET", ask(t, a, "DELETE /api/users").header.Get("Allow"), "the plugin's OPTIONS has no handler")
	assert.Equal(t, "OPTIONS", ask(t, a, "DELETE /api/own").header.Get("Allow"))
	assert.Empty(t, log.String(), "a plugin's place is nobody's mistake")
}

// A tail that is declared above the plugin's route is worse for chi than the
// plugin's OPTIONS, which has more segments. Its condition makes it better.
func TestDefaultRoutesComeAfterATailWithAConditionAboveThem(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Header("X", "1").Options("/{everything...}", naming("own"))
		r.Route("/api", block).Install(wanting("plugin", http.MethodOptions, ""))
	})
	assert.Equal(t, "own", ask(t, a, "OPTIONS /api/x", "X", "1").header.Get("X-Handler"))
	assert.Empty(t, ask(t, a, "OPTIONS /api/x", "X", "1").header.Get("X-Seen"))
	assert.Equal(t, "plugin", ask(t, a, "OPTIONS /api/x").header.Get("X-Seen"))
}

// What serves HEAD by the way, a stream or a route for GET, is worse than a
// handler for it at the same path, in whatever order and words. So it is with
// and without conditions.
func TestHeadByTheWayComesAfterItsHandlers(t *testing.T) {
	t.Parallel()
	for name, condition := range map[string]string{"chi chooses": "/elsewhere", "a walk chooses": "/{...}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(wanting("heads", http.MethodHead, http.MethodGet))
				routing.Routes(a, func(r *routing.Route) {
					r.Header("X", "1").Post(condition, naming("other"))
					r.SSE("/streams/{id}", func(*sse.Session) error { return nil })
					r.Get("/texts/{id}", naming("get"))
					r.Head("/streams/{name}", naming("head"))
					r.Head("/texts/{name}", naming("head"))
				})
			})
			assert.Equal(t, "head", ask(t, a, "HEAD /streams/7").header.Get("X-Handler"))
			assert.Equal(t, "head", ask(t, a, "HEAD /texts/7").header.Get("X-Handler"))
		})
	}
}

// The head of a stream comes even after what serves any method.
func TestHeadOfAStreamComesAfterAHandlerForAnyMethod(t *testing.T) {
	t.Parallel()
	for name, condition := range map[string]string{"chi chooses": "/elsewhere", "a walk chooses": "/{...}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				routing.Routes(a, func(r *routing.Route) {
					r.Header("X", "1").Post(condition, naming("other"))
					r.SSE("/events", func(*sse.Session) error { return nil })
					r.Handle("/events", naming("any"))
				})
			})
			assert.Equal(t, "any", ask(t, a, "HEAD /events").header.Get("X-Handler"))
		})
	}
}

func TestDefaultRoutesThatCannotBeAreMistakes(t *testing.T) {
	a := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/x", naming("x")).Install(wanting("plugin", http.MethodOptions, ""))
			r.Install(wanting("lower", "options", ""))
		})
	})
	err := a.Start(context.Background())
	require.Error(t, err)
	assert.ErrorContains(t, err, "defaults_test.go:")
	assert.ErrorContains(t, err, "it asks for the methods GET and OPTIONS at once")
	assert.ErrorContains(t, err, `a plugin asks for the method "options": methods are told apart by case: write OPTIONS`)
}

func TestDefaultRoutesForAMethodThatIsNoneAreOneMistake(t *testing.T) {
	var site app.Site
	said := mistakes(t, func(r *routing.Route) {
		r.Get("/x", naming("x"))
		r.Get("/y", naming("y"))
		site = app.Caller(0)
		r.Install(wanting("brewing", "BREW TEA", http.MethodGet))
	})
	site.Line++
	assert.Equal(t, site.String()+`: a plugin asks for the method "BREW TEA": "BREW TEA" is no method: `+
		"it is one word of letters, digits and marks (RFC 9110, section 9.1)", said)
}

// chi.Walk lists them.
func TestDefaultRoutesAreListed(t *testing.T) {
	a, _ := start(t, func(a *app.Application) {
		a.Install(wanting("heads", http.MethodHead, http.MethodGet))
		routing.Routes(a, func(r *routing.Route) { r.Get("/users/{id}", naming("user")) })
	})
	mux, frozen := routing.Mux(a)
	require.True(t, frozen)
	var listed []string
	require.NoError(t, chi.Walk(mux, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		listed = append(listed, method+" "+route)
		return nil
	}))
	assert.ElementsMatch(t, []string{"GET /users/{id}", "HEAD /users/{id}"}, listed)
}
