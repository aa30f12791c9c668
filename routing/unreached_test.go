package routing_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// unreached returns the routes that a log says to be never reached.
func unreached(log *journal) (routes []string) {
	for _, found := range regexp.MustCompile(`msg="a route can never be reached" route="([^"]*)"`).FindAllStringSubmatch(log.String(), -1) {
		routes = append(routes, found[1])
	}
	return routes
}

func TestStartWarnsOfRoutesThatAreNeverReached(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		declare func(r *routing.Route)
		hidden  string
	}{
		"text around another name": {func(r *routing.Route) {
			r.Get("/v-{a}.json", text(""))
			r.Get("/v-{b}.json", text(""))
		}, "GET /v-{b}.json"},
		"an expression of another name": {func(r *routing.Route) {
			r.Get("/{a:[0-9]+}/x", text(""))
			r.Get("/{b:[0-9]+}/x", text(""))
		}, "GET /{b:[0-9]+}/x"},
		"a Regexp in another group": {func(r *routing.Route) {
			r.Group(func(r *routing.Route) { r.Regexp(`\d+`).Get("", text("")) })
			r.Group(func(r *routing.Route) { r.Regexp(`\d+`).Get("", text("")) })
		}, `GET /Regexp(\\d+)`},
		"a condition on another name": {func(r *routing.Route) {
			r.Header("X", "1").Get("/{a}/{b...}", text(""))
			r.Header("X", "1").Get("/{c}/{d...}", text(""))
		}, "GET /{c}/{d...} (header X: 1)"},
		"a method in front": {func(r *routing.Route) {
			r.Get("/{a}", text(""))
			r.ForMethod("GET").Route("/{b}", func(r *routing.Route) { r.Handle("", text("")) })
		}, "GET /{a}"},
		"an optional one in the middle, of another name": {func(r *routing.Route) {
			r.Get("/a/{p?}/b", text(""))
			r.Get("/a/{q?}/b", text(""))
		}, "GET /a/{q?}/b"},
		"a condition is better": {func(r *routing.Route) {
			r.Get("/{a}", text(""))
			r.Header("X", "1").Get("/{b}", text(""))
		}, ""},
		"a condition, another host": {func(r *routing.Route) {
			r.Host("a.example").Get("/{a}", text(""))
			r.Host("b.example").Get("/{a}", text(""))
		}, ""},
		"other texts": {func(r *routing.Route) {
			r.Get("/v-{a}", text(""))
			r.Get("/w-{a}", text(""))
		}, ""},
		"an expression that may match less": {func(r *routing.Route) {
			r.Get("/{a:.+}", text(""))
			r.Header("X", "1").Get("/{b}", text(""))
		}, ""},
		"a tail with more": {func(r *routing.Route) {
			r.Get("/{a}", text(""))
			r.Header("X", "1").Get("/{b...}", text(""))
		}, ""},
		"a tail that begins otherwise": {func(r *routing.Route) {
			r.Get("/img-{a...}", text(""))
			r.Get("/{b...}", text(""))
		}, ""},
		"a tail that begins so, of another name": {func(r *routing.Route) {
			r.Get("/img-{a...}", text(""))
			r.Get("/img-{b...}", text(""))
		}, "GET /img-{b...}"},
		"a tail with a text, behind one without": {func(r *routing.Route) {
			r.Get("/{a...}", text(""))
			r.Header("X", "1").Get("/img-{b...}", text(""))
		}, ""},
		"other methods": {func(r *routing.Route) {
			r.Get("/v-{a}", text(""))
			r.Post("/v-{b}", text(""))
		}, ""},
		"any method, when one is named": {func(r *routing.Route) {
			r.Get("/v-{a}", text(""))
			r.Handle("/v-{b}", text(""))
		}, ""},
		"an optional one that may be missing": {func(r *routing.Route) {
			r.Get("/a/{p}", text(""))
			r.Header("X", "1").Get("/a/{q?}", text(""))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, log := start(t, func(a *app.Application) { routing.Routes(a, test.declare) })
			if test.hidden == "" {
				assert.Empty(t, unreached(log))
				return
			}
			assert.Equal(t, []string{test.hidden}, unreached(log))
		})
	}
}

// TestWhatIsNeverReachedIsNeverReached draws routes, and asks for everything
// that there is, with every condition met and missed: what Start warns of never
// answers.
func TestWhatIsNeverReachedIsNeverReached(t *testing.T) {
	t.Parallel()
	warned := 0
	for seed := range uint64(300) {
		c := choices{rand: rand.New(rand.NewPCG(seed, 2)), conditions: seed%2 == 0, rich: seed%4 < 2}
		var drawn [][]string
		for range 2 + c.rand.IntN(5) {
			drawn = append(drawn, c.route())
		}
		hidden := map[string]bool{}
		a, log := start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				for _, selectors := range drawn {
					declare(r, selectors, text(""))
				}
			})
		})
		for _, route := range unreached(log) {
			hidden[route] = true
		}
		if len(hidden) == 0 {
			continue
		}
		warned++
		shown := map[string]int{}
		for _, listed := range routing.AllRoutes(a) {
			shown[described(listed)]++
		}
		reached := map[string]bool{}
		traced, last := resolved(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				for _, selectors := range drawn {
					declare(r, selectors, text(""))
				}
			})
		})
		names := map[*routing.Route]string{}
		for _, listed := range routing.AllRoutes(traced) {
			names[listed.Route] = described(listed)
		}
		for range 300 {
			sent, _ := c.ask(t, pick(c, http.MethodGet, http.MethodPost, "BREW", "FOO"), c.path())
			traced.ServeHTTP(httptest.NewRecorder(), sent)
			if last().Route != nil {
				reached[names[last().Route]] = true
			}
		}
		for route := range hidden {
			if shown[route] == 1 {
				require.NotContains(t, reached, route, "seed %d: %q", seed, drawn)
			}
		}
	}
	assert.Greater(t, warned, 5, "there is something to see")
}

// described returns a route in the words of messages.
func described(r routing.RouteInfo) string {
	method := r.Method
	if method == "" {
		method = "any method"
	}
	words := method + " " + r.Pattern
	for _, condition := range r.Conditions {
		words += " (" + condition + ")"
	}
	return words
}

// TestStartIsQuickWithThousandsOfConditions: the walks end when they have taken
// too many steps, so what is declared behind those is not asked.
func TestStartIsQuickWithThousandsOfConditions(t *testing.T) {
	t.Parallel()
	_, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			hidden := func(below string) {
				r.Get(below+"/{a}", text(""))
				r.ForMethod(http.MethodGet).Route(below+"/{b}", func(r *routing.Route) { r.Handle("", text("")) })
			}
			hidden("/first")
			for i := range 2000 {
				r.Header("X", fmt.Sprint(i)).Get(fmt.Sprintf("/{p}/%d", i%7), text(""))
			}
			hidden("/last")
		})
	})
	assert.Equal(t, []string{"GET /first/{a}"}, unreached(log))
}
