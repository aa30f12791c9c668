package routing_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// TestStartWarnsOfPathsThatAreWrittenForOtherRouters: they are constants, each
// with what to write in its place, and the encoded form says that it is meant.
func TestStartWarnsOfPathsThatAreWrittenForOtherRouters(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		piece, instead, meant string // no instead where there is nothing
		target                string
	}{
		"/users/:id":        {":id", "{id}", "/users/%3Aid", "/users/:id"},
		"/users/:id/x":      {":id", "{id}", "/users/%3Aid/x", "/users/:id/x"},
		"/users/:1":         {":1", "{name}", "/users/%3A1", "/users/:1"},
		"/users/<id>":       {"<id>", "{id}", "/users/%3Cid%3E", "/users/%3Cid%3E"},
		"/users/<int:id>":   {"<int:id>", "{id}", "/users/%3Cint%3Aid%3E", "/users/%3Cint:id%3E"},
		"/files/<path:p>":   {"<path:p>", "{p...}", "/files/%3Cpath%3Ap%3E", "/files/%3Cpath:p%3E"},
		"/photos/:a.:b":     {":a.:b", "{name}", "/photos/%3Aa.%3Ab", "/photos/:a.:b"},
		"/files/*filepath":  {"*filepath", "{filepath...}", "/files/%2Afilepath", "/files/*filepath"},
		"/files/**":         {"**", "{...}", "/files/%2A%2A", "/files/**"},
		"/files/*.js":       {"*.js", "", "/files/%2A.js", "/files/*.js"},
		"/a*b":              {"a*b", "", "/a%2Ab", "/a*b"},
		"/a b":              {"a b", "", "/a%20b", "/a%20b"},
		"/get x":            {"get x", "", "/get%20x", "/get%20x"},
		"/a:b":              {"", "", "/a:b", "/a:b"},
		"/a/:":              {"", "", "/a/:", "/a/:"},
		"/a%3Fb=1":          {"", "", "/a%3Fb=1", "/a%3Fb=1"},
		"/*/x":              {"", "", "/*/x", "/y/x"},
		"/{id}/{path...}":   {"", "", "/{id}/{path...}", "/1/2"},
		"/<a":               {"", "", "/<a", "/%3Ca"},
		"/(x)/$y/~z/a,b@c!": {"", "", "/(x)/$y/~z/a,b@c!", "/(x)/$y/~z/a,b@c!"},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var site app.Site
			a, log := start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					site = app.Caller(0)
					r.Get(path, text("taken"))
				})
			})
			site.Line++
			assert.Equal(t, "taken", ask(t, a, "GET "+want.target).body)
			switch {
			case want.piece == "":
				assert.Empty(t, log.String())
			case want.instead == "":
				assert.Contains(t, log.String(), `level=WARN msg="a piece of a path is taken as it is written: only a * alone is a segment, and a blank is encoded"`)
			default:
				assert.Contains(t, log.String(), `level=WARN msg="a piece of a path is taken as it is written: other routers read it otherwise"`)
				assert.Contains(t, log.String(), "instead="+want.instead)
			}
			if want.piece != "" {
				assert.Contains(t, log.String(), "site="+site.String())
				assert.Contains(t, log.String(), want.piece)
				assert.Equal(t, 1, strings.Count(log.String(), "\n"))
			}
			meant, log := start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) { r.Get(want.meant, text("meant")) })
			})
			assert.Equal(t, "meant", ask(t, meant, "GET "+want.target).body)
			assert.Empty(t, log.String(), "what is encoded is meant")
		})
	}
}

// TestAStarAtTheEndIsExplainedOnce: to chi it is all that remains.
func TestAStarAtTheEndIsExplainedOnce(t *testing.T) {
	t.Parallel()
	var site app.Site
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/*/x", text(""))
			site = app.Caller(0)
			r.Route("/files/*", func(r *routing.Route) { r.Get("", text("file")) })
			r.Mount("/static/*", http.NotFoundHandler())
		})
	})
	site.Line++
	assert.Equal(t, "file", ask(t, a, "GET /files/a").body)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /files/a/b").status)
	assert.Contains(t, log.String(), `level=INFO msg="a * is one segment, also at the end of a path: all that remains is {name...}" path=/files/* site=`+site.String())
	assert.Equal(t, 1, strings.Count(log.String(), "\n"))
}

// TestABlockOfTheRouteItselfIsNoGroup: what is given to the route there applies
// to all of it. Below a condition that is what the block is for.
func TestABlockOfTheRouteItselfIsNoGroup(t *testing.T) {
	t.Parallel()
	mark := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Seen", "yes")
			next.ServeHTTP(w, r)
		})
	}
	same := func(next app.Handler) app.Handler { return next }
	// Each is on one line, so that the line is known.
	for name, change := range map[string]func(*routing.Route) app.Site{
		"use":       func(r *routing.Route) app.Site { r.Use(mark); return app.Caller(0) },
		"install":   func(r *routing.Route) app.Site { r.Install(wanting("x", "OPTIONS", "")); return app.Caller(0) },
		"intercept": func(r *routing.Route) app.Site { r.Intercept(app.PhaseCall, same); return app.Caller(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"", "/admin"} {
				var site app.Site
				a, log := start(t, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						r.Route(path, func(r *routing.Route) {
							r.Get("/public", text(""))
							r.Route("", func(r *routing.Route) {
								site = change(r)
								r.Get("/private", text(""))
							})
						})
					})
				})
				if name == "use" {
					assert.Equal(t, "yes", ask(t, a, "GET "+path+"/public").header.Get("X-Seen"))
				}
				logged := strings.Split(strings.TrimSpace(log.String()), "\n")
				assert.Len(t, logged, 1, path)
				assert.Contains(t, logged[0], fmt.Sprintf(
					`level=WARN msg="what is given to a route in a block of Route(\"\") applies to all of the route, not to that block alone: take Group" route=%s site=%s`,
					"/"+strings.TrimPrefix(path, "/"), site))
			}
		})
	}
	_, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Use(mark)
			r.Route("/x", func(r *routing.Route) { r.Use(mark) })
			r.Header("X", "1").Route("", func(r *routing.Route) { r.Use(mark) })
			r.Route("", func(r *routing.Route) { r.Get("/y", text("")).Use(mark) })
			r.Route("", block)
			r.Intercept(app.PhaseCall, same)
		})
	})
	assert.Empty(t, log.String())
}

// TestALoneSlashIsNotThePathItself: to chi it is.
func TestALoneSlashIsNotThePathItself(t *testing.T) {
	t.Parallel()
	const message = `msg="\"/\" in the block of a path is the path with a slash at its end, and nothing serves it without: \"\" is the path itself"`
	for name, test := range map[string]struct {
		declare func(r *routing.Route)
		want    []string
	}{
		"in a block":         {func(r *routing.Route) { r.Route("/a", func(r *routing.Route) { r.Get("/", text("")) }) }, []string{"GET /a/"}},
		"behind a parameter": {func(r *routing.Route) { r.Route("/a/{b}", block).Handle("/", text("")) }, []string{"any method /a/{b}/"}},
		"in a group": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Group(func(r *routing.Route) { r.Get("/", text("")) }) })
		}, []string{"GET /a/"}},
		"in a block of its own": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Route("/", func(r *routing.Route) { r.Post("", text("")) }) })
		}, []string{"POST /a/"}},
		"another method without": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Get("/", text("")); r.Post("", text("")) })
		}, []string{"GET /a/"}},
		"both": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Get("/", text("")); r.Get("", text("")) })
		}, nil},
		"both, in other blocks": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Get("/", text("")) })
			r.Group(func(r *routing.Route) { r.Handle("/a", text("")) })
		}, nil},
		"the root":             {func(r *routing.Route) { r.Get("/", text("")) }, nil},
		"the root, in a block": {func(r *routing.Route) { r.Route("/", func(r *routing.Route) { r.Get("/", text("")) }) }, nil},
		"a slash on purpose":   {func(r *routing.Route) { r.Get("/a/", text("")) }, nil},
		"a slash of the block": {func(r *routing.Route) { r.Route("/a/", func(r *routing.Route) { r.Get("", text("")) }) }, nil},
		"what goes on": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Route("/", block).Get("/b", text("")) })
		}, nil},
		"a tail": {func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) { r.Route("/", block).Get("{b...}", text("")) })
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, log := start(t, func(a *app.Application) { routing.Routes(a, test.declare) })
			assert.Equal(t, len(test.want), strings.Count(log.String(), message), log)
			for _, route := range test.want {
				assert.Contains(t, log.String(), message+fmt.Sprintf(" route=%q site=routing/habit_test.go:", route))
			}
		})
	}
	_, log := start(t, func(a *app.Application) {
		a.Install(routing.IgnoreTrailingSlash)
		routing.Routes(a, func(r *routing.Route) { r.Route("/a", func(r *routing.Route) { r.Get("/", text("")) }) })
	})
	assert.Empty(t, log.String(), "both are the same")
}
