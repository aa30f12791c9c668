package routing_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestBlocksThatNameOnePathMerge(t *testing.T) {
	t.Parallel()
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			first := r.Route("/api", func(r *routing.Route) { r.Get("/a", text("a")) })
			r.Get("/api", text("root"))
			second := r.Route("api", func(r *routing.Route) { r.Get("b", text("b")) })
			assert.Same(t, first, second)
			assert.Same(t, r.Get("/api/{id}", text("one")), r.Route("/api/{id}", block).Get("", text("two")))
			assert.NotSame(t, r.Route("/api/{id}", block), r.Route("/api/{other}", block))
			assert.Equal(t, "/api/{id}", r.Route("/api/{id}", block).String())
		})
	})
	for target, want := range map[string]string{"/api": "root", "/api/a": "a", "/api/b": "b", "/api/7": "one"} {
		assert.Equal(t, want, ask(t, a, "GET "+target).body, target)
	}
	assert.Contains(t, log.String(), "a route has several handlers")
}

func TestARouteShowsItsFullPattern(t *testing.T) {
	t.Parallel()
	serve(t, func(r *routing.Route) {
		assert.Equal(t, "/", r.String())
		for path, want := range map[string]string{
			"":              "/",
			"/":             "/",
			"a/b":           "/a/b",
			"//a//b//":      "/a/b/",
			"/{id}/*":       "/{id}/*",
			"/{path...}":    "/{path...}",
			"/{...}":        "/{...}",
			"/a%20b/%2F%7B": "/a b/%2F%7B",
		} {
			assert.Equal(t, want, r.Route(path, block).String(), path)
			assert.Equal(t, want, r.Route(path, block).Post("", text("")).String(), path)
		}
		assert.Equal(t, "/a/b", r.Route("/a/", block).Get("/b", text("")).String())
		assert.Equal(t, "/m", r.Mount("/m", http.NotFoundHandler()).String())
	})
}

func TestHandlersOfOneRouteRunUntilOneAnswers(t *testing.T) {
	t.Parallel()
	var lines [2]app.Site
	silent := func(c *app.Call) error { c.Header().Set("Silent", "yes"); return nil }
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			lines[0] = app.Caller(0)
			r.Get("/x", silent)
			lines[1] = app.Caller(0)
			r.Get("/x", text("second"))
			r.Get("/x", func(*app.Call) error { panic("never reached") })
		})
	})
	got := ask(t, a, "GET /x")
	assert.Equal(t, "second", got.body)
	assert.Equal(t, "yes", got.header.Get("Silent"))
	logged := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, logged, 2, "one for each further handler")
	assert.Contains(t, logged[0], "a route has several handlers: each runs only if those before it do not answer")
	assert.Contains(t, logged[0], `route="GET /x"`)
	assert.Contains(t, logged[0], fmt.Sprintf("site=routing/compile_test.go:%d", lines[1].Line+1))
	assert.Contains(t, logged[0], fmt.Sprintf("first=routing/compile_test.go:%d", lines[0].Line+1))
}

func TestHandlersThatMayPassAreNoSurprise(t *testing.T) {
	t.Parallel()
	pass := func(*app.Call) error { return app.ErrPass }
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			route := r.Get("/x", pass)
			assert.Same(t, route, route.MayPass())
			r.Get("/x", pass).MayPass()
			r.Get("/x", text("third"))
			r.Get("/x", text("never reached"))
		})
	})
	assert.Equal(t, "third", ask(t, a, "GET /x").body)
	assert.Equal(t, 1, strings.Count(log.String(), "\n"), "of the fourth alone: "+log.String())
}

func TestOfEqualRoutesTheFirstWins(t *testing.T) {
	t.Parallel()
	var lines [2]app.Site
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			lines[0] = app.Caller(0)
			r.Get("/{a}", param("a"))
			lines[1] = app.Caller(0)
			r.Get("/{b}", param("b"))
			r.Post("/{b}", param("b"))
		})
	})
	assert.Equal(t, "x", ask(t, a, "GET /x").body)
	assert.Equal(t, "x", ask(t, a, "POST /x").body)
	logged := strings.TrimSpace(log.String())
	assert.NotContains(t, logged, "\n")
	assert.Contains(t, logged, `level=WARN msg="a route can never be reached" route="GET /{b}"`)
	assert.Contains(t, logged, fmt.Sprintf("site=routing/compile_test.go:%d", lines[1].Line+1))
	assert.Contains(t, logged, fmt.Sprintf("first=routing/compile_test.go:%d", lines[0].Line+1))
}

func TestARouteBehindOneWithAConditionIsNoReasonToWarn(t *testing.T) {
	t.Parallel()
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Header("X", "1").Get("/{a}", text("condition"))
			r.Get("/{b}", text("plain"))
			r.Header("X", "1").Handle("/any/{a}", text("condition"))
			r.Handle("/any/{b}", text("plain"))
		})
	})
	for _, path := range []string{"/x", "/any/x"} {
		assert.Equal(t, "condition", ask(t, a, "GET "+path, "X", "1").body, path)
		assert.Equal(t, "plain", ask(t, a, "GET "+path).body, path)
	}
	assert.Empty(t, log.String())
}

func TestAWarningNamesAMountAsOne(t *testing.T) {
	t.Parallel()
	_, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/{a}", http.NotFoundHandler())
			r.Mount("/{b}", http.NotFoundHandler())
		})
	})
	assert.Contains(t, log.String(), `msg="a route can never be reached" route="mount /{b}"`)
}

func TestRoutesFreezeAtStart(t *testing.T) {
	t.Parallel()
	var kept *routing.Route
	a, log := start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			kept = r.Route("/kept", func(r *routing.Route) { r.Get("", text("kept")) })
			r.Mount("/mounted", http.NotFoundHandler())
		})
	})
	before, ok := routing.Mux(a)
	require.True(t, ok)
	count := len(before.Routes())
	require.Empty(t, log.String())
	site := app.Caller(0)
	kept.Get("", text("changed"))
	kept.Get("/new", text("new"))
	kept.Route("/block", func(r *routing.Route) { r.Post("/x", text("x")) })
	kept.SSE("", func(*sse.Session) error { return nil })
	kept.Mount("/m", http.NotFoundHandler())
	kept.Use(noting("late"))
	kept.Install(scoped)
	kept.Intercept(app.PhaseCall, noticing("late"))
	routing.Routes(a, func(r *routing.Route) { r.Handle("/late", text("late")) })

	logged := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, logged, 9)
	for i, line := range logged {
		assert.Contains(t, line, "level=ERROR")
		assert.Contains(t, line, "nothing was changed")
		assert.Contains(t, line, fmt.Sprintf("site=routing/compile_test.go:%d", site.Line+i+1))
	}
	assert.Equal(t, "kept", ask(t, a, "GET /kept").body)
	for _, target := range []string{"/kept/new", "/kept/block/x", "/kept/m", "/late"} {
		assert.Equal(t, http.StatusNotFound, ask(t, a, "GET "+target).status, target)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "HEAD /kept").status)
	assert.Len(t, before.Routes(), count)
}

func TestRoutesAfterStartChangeNothing(t *testing.T) {
	t.Parallel()
	a, log := start(t)
	routing.Routes(a, func(r *routing.Route) { r.Get("/late", text("late")) })
	assert.Contains(t, log.String(), "nothing was changed")
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /late").status)
	_, ok := routing.Mux(a)
	assert.False(t, ok)
}

func TestWalkListsEveryPattern(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Use(noting("root"))
			r.Get("/", text(""))
			r.Route("/users", func(r *routing.Route) {
				r.Use(noting("users"))
				r.Get("/{id}", text(""))
				r.Put("/{name}", text(""))
				r.Delete("/{id}/*/x", text(""))
			})
			r.Get("/files/{path...}", text(""))
			r.SSE("/events", func(*sse.Session) error { return nil })
			r.Get("/slash/", text(""))
			r.Query("/a b/50%25", text(""))
		})
	})
	mux, ok := routing.Mux(a)
	require.True(t, ok)
	var listed []string
	require.NoError(t, chi.Walk(mux, func(method, route string, handler http.Handler, middlewares ...func(http.Handler) http.Handler) error {
		assert.NotNil(t, handler)
		assert.Empty(t, middlewares)
		listed = append(listed, method+" "+route)
		return nil
	}))
	slices.Sort(listed)
	assert.Equal(t, []string{
		"DELETE /users/{id}/{*2}/x",
		"GET /",
		"GET /events",
		"GET /files",
		"GET /files/*",
		"GET /slash/",
		"GET /users/{id}",
		"HEAD /events",
		"PUT /users/{name}",
		"QUERY /a b/50%25",
	}, listed)
}

func TestWalkListsAnyMethod(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) { r.Mount("/m", http.NotFoundHandler()) })
	mux, _ := routing.Mux(a)
	patterns := map[string]int{}
	require.NoError(t, chi.Walk(mux, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		patterns[route]++
		return nil
	}))
	assert.Equal(t, map[string]int{"/m": 10, "/m/*": 10}, patterns)
}

// What the comment of register tells, as far as it is seen from outside.
func TestTheExampleOfRegister(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get("/users/{id}", text("user"))
		r.Handle("/users/{name}", text("anything"))
		r.Get("/users/*/cards", text("cards"))
		r.Get("/{page...}", text("page"))
	})
	for line, want := range map[string]string{
		"GET /users/7": "user", "POST /users/7": "anything", "BREW /users/7": "anything",
		"GET /users/7/cards": "cards", "GET /users/7/x": "page", "GET /": "page",
	} {
		assert.Equal(t, want, ask(t, a, line).body, line)
	}
}
