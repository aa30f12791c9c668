package routing

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// A table serves what was declared: it finds the leaf for a method and a path.
// compile makes it, and then it never changes.
//
// It looks in three places, of which each knows what the one before does not:
//
//	/health   places: the path is a pattern as it is, and constants win
//	/users/7  mux: chi finds /users/{id}, and places what serves it
//	/prices   root: where conditions have a say, a walk as Ktor's chooses
//
// Chi is only asked: a leaf runs outside chi, with the chain that its endpoint
// was made with.
type table struct {
	mux    *chi.Mux          // every pattern under every method that it serves
	places map[string]places // by pattern, as chi returns it

	// lengths has the bit n mod 64 if some pattern of constants has n bytes: most
	// other paths are told apart by it, without a look into places.
	lengths uint64

	// anyMethod has what serves any method, under GET. It is asked for the
	// methods that chi does not know.
	anyMethod *chi.Mux

	// paths has every path without a tail, under GET. It tells 405 from 404.
	paths *chi.Mux

	methods    []string // those that some route serves, in order
	byEndpoint map[*app.Endpoint]*leaf

	root        *node
	conditional bool // some leaf depends on conditions
}

func newTable(root *node, conditional bool) *table {
	return &table{
		mux:         chi.NewMux(),
		anyMethod:   chi.NewMux(),
		paths:       chi.NewMux(),
		places:      map[string]places{},
		byEndpoint:  map[*app.Endpoint]*leaf{},
		root:        root,
		conditional: conditional,
	}
}

// places are the leaves at one pattern, the one for any method last.
type places []methodLeaf

type methodLeaf struct {
	method string // or anyMethod
	leaf   *leaf
}

func (t *table) add(pattern, method string, l *leaf) {
	t.places[pattern] = append(t.places[pattern], methodLeaf{method, l})
	if !strings.ContainsAny(pattern, "{*") {
		t.lengths |= 1 << (len(pattern) % 64)
	}
}

// serving returns the leaf for a method, or nil.
func (p places) serving(method string) *leaf {
	for i := range p {
		if p[i].method == method || p[i].method == anyMethod {
			return p[i].leaf
		}
	}
	return nil
}

// search is what looking for a leaf needs. No handler ever sees its chi
// context, so that none can keep it.
type search struct {
	chi  *chi.Context
	walk walk

	// What was found last. A service has few routes that most calls are for,
	// and a string is compared faster than it is looked up.
	pattern string
	places  places
}

// constant returns the leaf that serves a method at a path whose segments are
// all constants, or nil if there is none, or the choice is not only the path's.
// A path of routePath has no braces and no *, so it is a pattern of nothing
// else.
func (t *table) constant(method, path string) *leaf {
	if t.lengths&(1<<(len(path)%64)) == 0 {
		return nil
	}
	if l := t.places[path].serving(method); l != nil && !l.contested {
		return l
	}
	return nil
}

// find returns the leaf that serves a method at a path of a call, with what was
// captured, or nil and the status that says why there is none. The values are
// good until the next search.
func (t *table) find(s *search, c *app.Call, method, path string) (
	found *leaf, values []string, failure int,
) {
	if found = t.choose(s, method, path); found != nil && !found.contested {
		values = s.chi.URLParams.Values
		for i, value := range values {
			values[i] = unescape(value)
		}
		return found, values, 0
	}
	if t.conditional {
		s.walk.resolve(t.root, c, method, path)
		found, values, failure = s.walk.found, s.walk.captured(), s.walk.failure
		s.walk.reset()
		return found, values, failure
	}
	s.chi.Reset()
	if t.paths.Find(s.chi, http.MethodGet, path) != "" {
		return nil, nil, http.StatusMethodNotAllowed
	}
	return nil, nil, http.StatusNotFound
}

// choose returns the leaf that chi finds, or nil.
func (t *table) choose(s *search, method, path string) *leaf {
	s.chi.Reset()
	pattern := t.mux.Find(s.chi, method, path)
	if pattern == "" && !methods[method] {
		pattern = t.anyMethod.Find(s.chi, http.MethodGet, path)
	}
	if pattern != s.pattern {
		s.pattern, s.places = pattern, t.places[pattern]
	}
	return s.places.serving(method)
}
