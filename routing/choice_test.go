package routing_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// choices draws routes and requests that overlap as much as they can.
type choices struct {
	rand         *rand.Rand
	conditions   bool
	rich         bool // with groups, and all kinds of pieces
	ignoresSlash bool
	root         string // the root path
}

// draw returns the choices of a seed.
func draw(seed uint64) choices {
	c := choices{rand: rand.New(rand.NewPCG(seed, 0)), conditions: seed%2 == 1, rich: seed%4 >= 2}
	c.ignoresSlash = c.rich && c.oneIn(5)
	if c.rich && c.oneIn(8) {
		c.root = "/r/o%2Fot"
	}
	return c
}

func pick[T any](c choices, from ...T) T { return from[c.rand.IntN(len(from))] }

// oneIn reports true once in n times.
func (c choices) oneIn(n int) bool { return c.rand.IntN(n) == 0 }

// route returns the selectors of a route. Methods are in front of what they
// usually follow, too, and slashes in the middle.
func (c choices) route() (selectors []string) {
	method := pick(c, http.MethodGet, http.MethodGet, http.MethodPost, http.MethodPost, "BREW", "", "")
	between := func() {
		if c.conditions && c.oneIn(4) {
			selectors = append(selectors, pick(c, conditionNames...))
		}
		if method != "" && c.oneIn(8) {
			selectors = append(selectors, method)
		}
		if c.oneIn(10) {
			selectors = append(selectors, "/")
		}
		if c.rich && c.oneIn(6) {
			selectors = append(selectors, group)
		}
	}
	for position := range c.rand.IntN(4) {
		between()
		if c.rich && c.oneIn(3) {
			selectors = append(selectors, c.piece(position))
			continue
		}
		selectors = append(selectors, "/"+pick(c, "a", "b", "*", "{p}", fmt.Sprintf("{%s%d}", pick(c, "p", "q"), position)))
	}
	between()
	switch c.rand.IntN(4) {
	case 0:
		selectors = append(selectors, "/")
	case 1:
		prefix := "/"
		if c.rich && c.oneIn(4) {
			prefix = "/a"
		}
		selectors = append(selectors, prefix+"{"+pick(c, "tail", "rest", "p")+"...}")
	case 2:
		if c.rich && c.oneIn(2) {
			selectors = append(selectors, "/"+pick(c, "{o?}", "{p?}", "a{o?}"))
		}
	}
	for c.conditions && c.oneIn(4) {
		selectors = append(selectors, pick(c, conditionNames...))
	}
	if method != "" && (!slices.Contains(selectors, method) || c.oneIn(4)) {
		selectors = append(selectors, method)
	}
	for c.conditions && c.oneIn(6) {
		selectors = append(selectors, pick(c, conditionNames...))
	}
	return selectors
}

// piece returns one of those that chi cannot tell apart as Ktor does.
func (c choices) piece(position int) string {
	name := fmt.Sprintf("%s%d", pick(c, "p", "q"), position)
	switch c.rand.IntN(6) {
	case 0:
		return "/" + pick(c, "a{"+name+"}", "{"+name+"}b", "a{"+name+"}b", "ab{"+name+"}")
	case 1:
		return "/" + pick(c, "{"+name+"?}", "a{"+name+"?}", "{"+name+"?}b")
	case 2, 3:
		return "/" + pick(c, "{"+name+":[ab]}", "{"+name+":[ab]+}", "{"+name+":a.*}", "{"+name+":a|b}", "a{"+name+":b*}")
	default:
		return "~" + pick(c, "a", "/a", "[ab]+", "(?<"+name+">a+)/?", "/(?<"+name+">.)/b", "a/(?<"+name+">.*)", ".*b", "a(?<"+name+">/.)?/")
	}
}

func (c choices) path() string {
	var written strings.Builder
	for range c.rand.IntN(5) {
		if c.rich && c.oneIn(4) {
			written.WriteString("/" + pick(c, "ab", "aab", "abb", "%61", "a%2Fb", "a%2Ab", "%25"))
			continue
		}
		written.WriteString("/" + pick(c, "a", "b", "c"))
	}
	if written.Len() == 0 || c.oneIn(3) {
		written.WriteString("/")
	}
	return written.String()
}

// A conditionKind is a condition that the choices draw.
type conditionKind struct {
	declare func(*routing.Route) *routing.Route
	status  int // when it fails, 0 if it never does
	// meet has a request meet it with a quality, which counts for some alone, or
	// not if that is 0.
	meet func(r *http.Request, quality float64)
	// quality is what the model makes of that.
	quality func(quality float64) float64
}

func asIs(quality float64) float64 { return quality }

func orNothing(quality float64) float64 { return math.Ceil(quality) }

// weighed is a condition of somebody else's.
var weighed = routing.Condition{
	Words: "a weight", Header: "X-Weight", Status: http.StatusUnprocessableEntity,
	Quality: func(c *app.Call) float64 {
		weight, _ := strconv.ParseFloat(c.Request.Header.Get("X-Weight"), 64)
		return weight
	},
}

func addQuery(r *http.Request, name string) { r.URL.RawQuery += "&" + name }

var conditionKinds = map[string]conditionKind{
	"?header": {
		func(r *routing.Route) *routing.Route { return r.Header("X", "1") }, http.StatusBadRequest,
		func(r *http.Request, quality float64) { r.Header.Set("X", fmt.Sprint("1;q=", quality)) }, asIs,
	},
	"?optional": {
		func(r *routing.Route) *routing.Route { return r.OptionalParam("o") }, 0,
		func(r *http.Request, quality float64) {
			if quality > 0 {
				addQuery(r, "o")
			}
		},
		func(quality float64) float64 { return max(0.2, orNothing(quality)) },
	},
	"?param": {
		func(r *routing.Route) *routing.Route { return r.Param("p") }, http.StatusBadRequest,
		func(r *http.Request, quality float64) {
			if quality > 0 {
				addQuery(r, "p")
			}
		}, orNothing,
	},
	"?accept": {
		func(r *routing.Route) *routing.Route { return r.Accept("text/plain") }, http.StatusNotAcceptable,
		func(r *http.Request, quality float64) { r.Header.Set("Accept", fmt.Sprint("text/plain;q=", quality)) }, asIs,
	},
	"?type": {
		func(r *routing.Route) *routing.Route { return r.ContentType("text/plain") }, http.StatusUnsupportedMediaType,
		func(r *http.Request, quality float64) {
			if quality > 0 {
				r.Header.Set("Content-Type", "text/plain")
			}
		}, orNothing,
	},
	"?where": {
		func(r *routing.Route) *routing.Route { return r.Where(weighed) }, http.StatusUnprocessableEntity,
		func(r *http.Request, quality float64) { r.Header.Set("X-Weight", fmt.Sprint(quality)) }, asIs,
	},
	"?host": {
		func(r *routing.Route) *routing.Route { return r.Host("one.example") }, http.StatusNotFound,
		func(r *http.Request, quality float64) {
			if quality > 0 {
				r.Host = "one.example"
			}
		}, orNothing,
	},
}

var conditionNames = slices.Sorted(maps.Keys(conditionKinds))

// ask returns a request for a path, and what the model is to know of it.
func (c choices) ask(t *testing.T, method, path string) (*http.Request, request) {
	sent := httptest.NewRequestWithContext(t.Context(), method, c.root+path, nil)
	asked := request{method: method, segments: segments(path, c.ignoresSlash), ignoresSlash: c.ignoresSlash, holds: map[string]float64{}, fails: map[string]int{}}
	for _, name := range conditionNames {
		kind, quality := conditionKinds[name], pick(c, 0, 0, 0.05, 0.5, 1, 1)
		kind.meet(sent, quality)
		if quality = kind.quality(quality); quality > 0 {
			asked.holds[name] = quality
		} else {
			asked.fails[name] = kind.status
		}
	}
	return sent, asked
}

// caught answers with a name and the parameters of a route, as the model gives
// them.
func caught(name string, selectors []string) app.Handler {
	return func(c *app.Call) error {
		said := []string{name}
		for _, selector := range selectors {
			parameter := nameOf(selector)
			if value := parameter + "=" + c.PathParam(parameter); parameter != "" && !slices.Contains(said, value) {
				said = append(said, value)
			}
		}
		return c.RespondText(strings.Join(said, " "))
	}
}

// declare declares a drawn route.
func declare(r *routing.Route, selectors []string, handler app.Handler) {
	for _, selector := range selectors {
		r = step(r, selector)
	}
	r.Handle("", handler)
}

// step returns the route of a selector below r.
func step(r *routing.Route, selector string) *routing.Route {
	kind, isCondition := conditionKinds[selector]
	switch {
	case isCondition:
		return kind.declare(r)
	case isMethod(selector):
		return r.ForMethod(selector)
	case selector == group:
		return r.Group(block)
	case selector[0] == '~':
		return r.Regexp(selector[1:])
	default:
		return r.Route(selector, block)
	}
}

// compare draws a set of routes and asks it and the model the same questions.
func compare(t *testing.T, seed uint64) {
	c := draw(seed)
	model := &node{}
	var listed []string
	application, _ := start(t, func(a *app.Application) {
		a.Configure(func(config *app.Config) { config.RootPath = c.root })
		if c.ignoresSlash {
			a.Install(routing.IgnoreTrailingSlash)
		}
		routing.Routes(a, func(r *routing.Route) {
			for i := range 1 + c.rand.IntN(6) {
				selectors, name := c.route(), fmt.Sprint(i)
				listed = append(listed, name+"="+strings.Join(selectors, " > "))
				model.add(selectors, name)
				declare(r, selectors, caught(name, selectors))
			}
		})
	})
	for range 12 {
		method, path := pick(c, http.MethodGet, http.MethodPost, http.MethodPut, "BREW", "FOO"), c.path()
		sent, asked := c.ask(t, method, path)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, sent)
		about := fmt.Sprintf("seed %d: %s %s, failing %v, of\n%s", seed, method, path, asked.fails, strings.Join(listed, "\n"))
		if want := model.resolve(asked); want != "" {
			require.Equal(t, want, recorder.Body.String(), about)
			continue
		}
		status, allow := model.refuse(asked)
		require.Equal(t, status, recorder.Code, about)
		require.Equal(t, allow, recorder.Header().Get("Allow"), about)
	}
}

// What the comments of walk.go and failure.go tell.
func TestTheExamplesOfAWalk(t *testing.T) {
	t.Parallel()
	users := serve(t, func(r *routing.Route) {
		r.Get("/users/me", text("me"))
		r.Get("/users/{id}", text("user"))
		r.Header("X", "1").Get("/users/{id}", text("preview"))
	})
	assert.Equal(t, "me", ask(t, users, "GET /users/me", "X", "1;q=0.5").body)
	assert.Equal(t, "me", ask(t, users, "GET /users/me", "X", "1").body)
	assert.Equal(t, "preview", ask(t, users, "GET /users/7", "X", "1").body)
	assert.Equal(t, "user", ask(t, users, "GET /users/7", "X", "1;q=0.5").body, "the first quality decides")
	deep := serve(t, func(r *routing.Route) {
		r.Route("/deep", func(r *routing.Route) { r.Header("X", "1").Get("", text("")) })
		r.Header("X", "1").Get("/x/deep", text(""))
	})
	assert.Equal(t, http.StatusBadRequest, ask(t, deep, "PUT /deep").status)
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, deep, "PUT /x/deep").status)
}

// drawn is how many sets of routes TestChoiceIsKtors draws, each with 12
// requests. A million requests take a minute:
//
//	go test ./routing -run TestChoiceIsKtors -args -drawn 84000
var drawn = flag.Uint64("drawn", 2000, "how many sets of routes are compared with the model")

// TestChoiceIsKtors compares what routing chooses with a model of Ktor's
// resolution.
func TestChoiceIsKtors(t *testing.T) {
	t.Parallel()
	for seed := range *drawn {
		compare(t, seed)
	}
}

func FuzzChoice(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(compare)
}
