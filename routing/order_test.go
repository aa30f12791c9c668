package routing_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// TestTheLongerOfTwoEqualWaysWins has pairs of routes for one path of which
// Ktor takes the one that asks for more, in either order of declaration. With a
// condition on another route, and without one, it is the same.
func TestTheLongerOfTwoEqualWaysWins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		short, long func(*routing.Route)
		want        map[string]string
	}{
		"a slash at the root": {
			func(r *routing.Route) { r.Get("", text("short")) },
			func(r *routing.Route) { r.Get("/", text("long")) },
			map[string]string{"GET /": "long", "GET //": "long"},
		},
		"a slash at the root, for any method": {
			func(r *routing.Route) { r.Handle("", text("short")) },
			func(r *routing.Route) { r.Handle("/", text("long")) },
			map[string]string{"GET /": "long"},
		},
		"a slash at the root, for one method of any": {
			func(r *routing.Route) { r.Handle("", text("short")) },
			func(r *routing.Route) { r.Get("/", text("long")) },
			map[string]string{"GET /": "long", "POST /": "short"},
		},
		"a tail behind a slash at the root": {
			func(r *routing.Route) { r.Get("", text("short")) },
			func(r *routing.Route) { r.Route("/", block).Get("{t...}", text("long")) },
			map[string]string{"GET /": "long", "GET /x": "long"},
		},
		"a tail where nothing remains": {
			func(r *routing.Route) { r.Handle("/{p}", text("short")) },
			func(r *routing.Route) { r.Get("/{q}/{path...}", text("long")) },
			map[string]string{"GET /x": "long", "POST /x": "short"},
		},
		"a tail behind a slash where nothing remains": {
			func(r *routing.Route) { r.Handle("/{p}/", text("short")) },
			func(r *routing.Route) { r.Route("/{q}/", block).Get("{path...}", text("long")) },
			map[string]string{"GET /x/": "long", "POST /x/": "short", "GET /x/y": "long"},
		},
		"a method in front of the path": {
			func(r *routing.Route) { r.Handle("/a", text("short")) },
			func(r *routing.Route) { r.ForMethod(http.MethodPost).Handle("/{q}", text("long")) },
			map[string]string{"POST /a": "long", "GET /a": "short"},
		},
		"a method twice": {
			func(r *routing.Route) { r.Get("/{p}", text("short")) },
			func(r *routing.Route) {
				r.Route("/{q}", block).ForMethod(http.MethodGet).Get("", text("long"))
			},
			map[string]string{"GET /a": "long"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			condition := func(r *routing.Route) { r.Param("zz").Get("/{...}", text("")) }
			for _, declared := range [][]func(*routing.Route){
				{test.short, test.long}, {test.long, test.short}, {condition, test.short, test.long}, {test.long, test.short, condition},
			} {
				a := serve(t, func(r *routing.Route) {
					for _, declare := range declared {
						declare(r)
					}
				})
				for line, want := range test.want {
					assert.Equal(t, want, ask(t, a, line).body, line)
				}
			}
		})
	}
}

// TestARouteBelowAHandlerForAnyMethodComesAfterIt: what is declared below a
// handler is no longer way, but a part that counts less.
func TestARouteBelowAHandlerForAnyMethodComesAfterIt(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Handle("/{p}", text("any"))
		r.Get("/{p}/{path...}", text("tail"))
	})
	assert.Equal(t, "any", ask(t, a, "GET /x").body)
	assert.Equal(t, "tail", ask(t, a, "GET /x/y").body)
}

// TestOnlyWhatIsNeverReachedIsWarnedOf: a route at the root that has a slash
// hides the one without, a tail is reached where another one has not all of
// its places.
func TestOnlyWhatIsNeverReachedIsWarnedOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		declare func(*routing.Route)
		hidden  string // "" if none is
	}{
		"a slash at the root": {func(r *routing.Route) {
			r.Get("", text(""))
			r.Get("/", text(""))
		}, "GET /"},
		"a slash at the root for any method": {func(r *routing.Route) {
			r.Handle("", text(""))
			r.Get("/", text(""))
		}, ""},
		"a tail with a slash of its own": {func(r *routing.Route) {
			r.Get("/x/{a...}", text(""))
			r.Route("/x/", block).Get("{b...}", text(""))
		}, ""},
		"a tail whose beginning is another one's": {func(r *routing.Route) {
			r.Get("/x", text(""))
			r.Get("/x/{a...}", text(""))
		}, ""},
		"two tails": {func(r *routing.Route) {
			r.Get("/x/{a...}", text(""))
			r.Get("/x/{b...}", text(""))
		}, "GET /x/{b...}"},
		"a method in front of the path": {func(r *routing.Route) {
			r.Get("/{a}", text(""))
			r.ForMethod(http.MethodGet).Handle("/{b}", text(""))
		}, "GET /{a}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, log := start(t, func(a *app.Application) { routing.Routes(a, test.declare) })
			if test.hidden == "" {
				assert.Empty(t, log.String())
				return
			}
			assert.Contains(t, log.String(), `msg="a route can never be reached" route="`+test.hidden+`"`)
			assert.Equal(t, 1, strings.Count(log.String(), "\n"))
		})
	}
}

// TestAnyMethodCanBeRouted has methods that chi does not know.
func TestAnyMethodCanBeRouted(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Install(wanting("brewing", "WHEN", "BREW"))
		routing.Routes(a, func(r *routing.Route) {
			r.Method("BREW", "/pots/{id}", param("id"))
			r.Method("BREW", "/tea/{kind...}", param("kind"))
			r.Method("brew", "/pots/{id}", text("another method"))
			r.Get("/pots/{id}", text("get"))
			r.Handle("/any/{id}", param("id"))
			r.Header("X", "1").Method("PROPFIND", "/pots/{id}", text("found"))
			r.Method("PROPFIND", "/pots/{id}", text("plain"))
			r.Method("M-SEARCH", "/", text("root"))
		})
	})
	for line, want := range map[string]string{
		"BREW /pots/7":     "7",
		"WHEN /pots/7":     "7",
		"BREW /tea/a/b":    "a/b",
		"BREW /tea":        "",
		"brew /pots/7":     "another method",
		"GET /pots/7":      "get",
		"BREW /any/7":      "7",
		"OTHER /any/7":     "7",
		"PROPFIND /pots/7": "plain",
		"M-SEARCH /":       "root",
	} {
		got := ask(t, a, line)
		assert.Equal(t, http.StatusOK, got.status, line)
		assert.Equal(t, want, got.body, line)
	}
	assert.Equal(t, "found", ask(t, a, "PROPFIND /pots/7", "X", "1").body)
	for line, allow := range map[string]string{
		"OTHER /pots/7": "BREW, GET, PROPFIND, WHEN, brew",
		"POST /pots/7":  "BREW, GET, PROPFIND, WHEN, brew",
		"BREW /":        "M-SEARCH",
		"GET /tea/x":    "", // a tail alone
	} {
		got := ask(t, a, line)
		assert.Equal(t, allow, got.header.Get("Allow"), line)
		assert.Equal(t, allow != "", got.status == http.StatusMethodNotAllowed, line)
	}
}

// TestANameThatAppearsTwiceHasBothValues has chi's context know it once.
func TestANameThatAppearsTwiceHasBothValues(t *testing.T) {
	t.Parallel()
	for name, beside := range map[string]func(*routing.Route){
		"chi chooses":   func(*routing.Route) {},
		"a walk does":   func(r *routing.Route) { r.Header("X", "1").Get("/{...}", text("")) },
		"beside a star": func(r *routing.Route) { r.Get("/*/*/*/star", text("")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, log := start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/foo/{a}/{a}", param("a"))
					r.Get("/{a}/{b}/{a}/{a...}", param("a"))
					beside(r)
				})
			})
			assert.Equal(t, "1/2", ask(t, a, "GET /foo/1/2").body)
			assert.Equal(t, "x/1/2/y/z", ask(t, a, "GET /x/1/1%2F2/y/z").body)
			assert.Equal(t, "x/2", ask(t, a, "GET /x/1/2").body)
			assert.Contains(t, log.String(), `level=WARN msg="a parameter appears twice in a path: its value is both, joined by a slash" parameter=a`+
				` route="GET /foo/{a}/{a}" site=routing/order_test.go:`)
			assert.Equal(t, 2, strings.Count(log.String(), "\n"), "one for each route")
		})
	}
}
