package routing_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// choices draws routes and requests that overlap as much as they can.
type choices struct {
	rand       *rand.Rand
	conditions bool
}

func pick[T any](c choices, from ...T) T { return from[c.rand.IntN(len(from))] }

// route returns a method, "" for any, and a path. A parameter's name tells its
// position, so that none appears twice. Left out are two accidents of
// Ktor's: "" beside "/" at the root, two nodes for one path, and a route for
// any method whose parameters bear other names than those of a tail that ends
// where it does.
func (c choices) route() (method, path string) {
	method, end := pick(c, http.MethodGet, http.MethodPost, ""), pick(c, "", "", "/", "/{tail...}")
	names := []string{"p"}
	if method != "" && end != "/{tail...}" {
		names = []string{"p", "q"}
	}
	var written strings.Builder
	for position := range c.rand.IntN(4) {
		if c.conditions && c.rand.IntN(4) == 0 {
			written.WriteString("/" + pick(c, "?header", "?param"))
		}
		written.WriteString("/" + pick(c, "a", "b", "*", fmt.Sprintf("{%s%d}", pick(c, names...), position)))
	}
	if written.Len() == 0 && end == "" {
		end = "/"
	}
	return method, written.String() + end
}

func (c choices) path() string {
	var written strings.Builder
	for range c.rand.IntN(5) {
		written.WriteString("/" + pick(c, "a", "b", "c"))
	}
	if written.Len() == 0 || c.rand.IntN(3) == 0 {
		written.WriteString("/")
	}
	return written.String()
}

// caught answers with a name and the parameters of a path, as the model gives
// them.
func caught(name, path string) app.Handler {
	return func(c *app.Call) error {
		said := []string{name}
		for _, selector := range selectors(path) {
			if parameter, found := strings.CutPrefix(selector, "/{"); found {
				parameter = strings.TrimSuffix(strings.TrimSuffix(parameter, "}"), "...")
				said = append(said, parameter+"="+c.PathParam(parameter))
			}
		}
		return c.RespondText(strings.Join(said, " "))
	}
}

// declare declares a drawn route: where the path has a piece ?header or ?param,
// the rest is behind that condition.
func declare(r *routing.Route, method, path string, handler app.Handler) {
	before, after, found := strings.Cut(path, "/?")
	if found {
		r = r.Route(before, func(*routing.Route) {})
		if rest, is := strings.CutPrefix(after, "header"); is {
			declare(r.Header("X", "1"), method, rest, handler)
		} else {
			declare(r.OptionalParam("o"), method, strings.TrimPrefix(after, "param"), handler)
		}
		return
	}
	if method == "" {
		r.Handle(path, handler)
	} else {
		r.Method(method, path, handler)
	}
}

// compare draws a set of routes and asks it and the model the same questions.
func compare(t *testing.T, seed uint64) {
	c := choices{rand: rand.New(rand.NewPCG(seed, 0)), conditions: seed%2 == 1}
	model := &node{}
	var listed []string
	application := serve(t, func(r *routing.Route) {
		for i := range 1 + c.rand.IntN(6) {
			method, path := c.route()
			name := fmt.Sprint(i)
			listed = append(listed, fmt.Sprintf("%s=%q %s", name, method, path))
			model.add(method, path, name)
			declare(r, method, path, caught(name, path))
		}
	})
	for range 12 {
		method, path := pick(c, http.MethodGet, http.MethodPost, http.MethodPut, "FOO"), c.path()
		line, header := method+" "+path, 0.0
		if c.conditions {
			header = pick(c, 0, 0.05, 0.5, 1)
			line += pick(c, "", "?o")
		}
		got := ask(t, application, line, "X", fmt.Sprint("1;q=", header))
		want := model.resolve(method, path, header, strings.HasSuffix(line, "?o"))
		if want != "" {
			require.Equal(t, want, got.body, "seed %d: %s %s of %s", seed, method, path, listed)
			continue
		}
		if c.conditions { // the statuses of conditions stand in the conformance table
			require.NotEqual(t, http.StatusOK, got.status, "seed %d: %s %s of %s", seed, method, path, listed)
			continue
		}
		if !model.matches(segments(path), 0) {
			require.Equal(t, http.StatusNotFound, got.status, "seed %d: %s %s of %s", seed, method, path, listed)
			continue
		}
		require.Equal(t, http.StatusMethodNotAllowed, got.status, "seed %d: %s %s of %s", seed, method, path, listed)
		var allowed []string
		for _, candidate := range []string{http.MethodGet, http.MethodPost} {
			if model.resolve(candidate, path, 0, false) != "" {
				allowed = append(allowed, candidate)
			}
		}
		require.Equal(t, strings.Join(allowed, ", "), got.header.Get("Allow"), "seed %d: %s %s of %s", seed, method, path, listed)
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

// TestChoiceIsKtors compares what routing chooses with a model of Ktor's
// resolution.
func TestChoiceIsKtors(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		compare(t, seed)
	}
}

func FuzzChoice(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(compare)
}
