package routing_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// version is a verb of somebody else, whose users read their own lines.
func version(r *routing.Route, path string) {
	r.DeclareAt(app.Caller(1), func(r *routing.Route) { r.Get(path, text("1")) })
}

// Whatever a verb declares is reported at the line that called the verb.
func TestWhatAVerbDeclaresIsOfTheLineThatCalledIt(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(r *routing.Route){
		"Get":          func(r *routing.Route) { r.Get("/{", text("")) },
		"Route":        func(r *routing.Route) { r.Route("/x", nil) },
		"Group":        func(r *routing.Route) { r.Group(nil) },
		"Mount":        func(r *routing.Route) { r.Mount("/x", nil) },
		"Method":       func(r *routing.Route) { r.Method("", "/x", text("")) },
		"ForMethod":    func(r *routing.Route) { r.ForMethod("") },
		"Where":        func(r *routing.Route) { r.Where(routing.Condition{}) },
		"Host":         func(r *routing.Route) { r.Host() },
		"Regexp":       func(r *routing.Route) { r.Regexp("(") },
		"Named":        func(r *routing.Route) { r.Get("/x", text("")).Named("") },
		"Use":          func(r *routing.Route) { r.Use(nil) },
		"Install":      func(r *routing.Route) { r.Install(nil) },
		"a verb in it": func(r *routing.Route) { version(r, "/{") },
		"after a verb": func(r *routing.Route) { version(r, "/y"); r.Get("/{", text("")) },
		"on another part": func(r *routing.Route) {
			routing.Routes(r.Application(), func(r *routing.Route) { r.Get("/{", text("")) })
		},
		"a nil block": func(r *routing.Route) { r.DeclareAt(app.Site{}, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here := app.Site{File: "users/module.go", Line: 12}
			said := mistakes(t, func(r *routing.Route) { r.Route("/below", func(r *routing.Route) { r.DeclareAt(here, declare) }) })
			assert.Regexp(t, `^users/module\.go:12: `, said)
			assert.NotContains(t, said, "verb_test.go")
		})
	}
}

func TestAVerbIsOverWhenItHasReturned(t *testing.T) {
	t.Parallel()
	var called, after app.Site
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			called = app.Caller(0)
			version(r, "/version")
			after = app.Caller(0)
			r.Get("/after", text(""))
			r.DeclareAt(app.Site{}, func(r *routing.Route) { r.Get("/unknown", text("")) })
		})
	})
	called.Line++
	after.Line++
	listed := routing.AllRoutes(a)
	require.Len(t, listed, 3)
	assert.Equal(t, called, listed[0].Site)
	assert.Equal(t, after, listed[1].Site)
	after.Line++
	assert.Equal(t, after, listed[2].Site, "with an unknown site the lines are their own")
}

// A module that recovers from a verb goes on with its own lines.
func TestAVerbThatPanicsIsOver(t *testing.T) {
	t.Parallel()
	var site app.Site
	said := mistakes(t, func(r *routing.Route) {
		assert.Panics(t, func() {
			r.DeclareAt(app.Site{File: "x/x.go", Line: 1}, func(*routing.Route) { panic("out of order") })
		})
		site = app.Caller(0)
		r.Method("", "/x", text(""))
	})
	site.Line++
	assert.Contains(t, said, site.String()+": ")
}

// The blocks that the user of a verb gives it have their own lines, if the verb
// calls them outside.
func TestABlockOfTheUserHasItsOwnLines(t *testing.T) {
	t.Parallel()
	guarded := func(r *routing.Route, declare func(*routing.Route)) {
		var inner *routing.Route
		r.DeclareAt(app.Caller(1), func(r *routing.Route) { inner = r.Group(func(*routing.Route) {}) })
		declare(inner)
	}
	var site app.Site
	said := mistakes(t, func(r *routing.Route) {
		guarded(r, func(r *routing.Route) {
			site = app.Caller(0)
			r.Method(http.MethodGet, "/{", text(""))
		})
	})
	site.Line++
	assert.Contains(t, said, site.String()+": ")
}
