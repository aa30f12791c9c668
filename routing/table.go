package routing

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// A table serves what was declared: it finds the leaf for a method and a path.
// compile makes it, and then it never changes.
//
// It looks in three places, of which each knows what the one before does not:
//
//	/health   constants: the path is a pattern as it is, and constants win
//	/users/7  mux: chi finds /users/{id}, and numbered has what serves it
//	/prices   root: where conditions have a say, a walk as Ktor's chooses
//
// Chi is only asked: a leaf runs outside chi, with the chain that its endpoint
// was made with.
type table struct {
	mux *chi.Mux // every pattern under every method that it serves

	// numbered are the places of the patterns with a parameter, by the numbers
	// that are the names of their first ones: a number is quicker to look up than
	// a long text. Those of others are by their patterns, those of constants alone
	// and those with a *.
	numbered  []places
	constants map[string]places
	rests     map[string]places

	// marks has a bit for each pattern of constants, by its length and two of its
	// bytes: most other paths are told apart by it, without a look into constants.
	marks [16]uint64

	specials bool // some constant has a special byte other than %

	// foreign has what mux has for the methods that chi does not know, each
	// under GET. Those that no route names have what serves any method.
	foreign   map[string]*chi.Mux
	anyMethod *chi.Mux

	// paths has every path without a tail, under GET. Any other is 404 if
	// nothing is found for it.
	paths *chi.Mux

	byEndpoint map[*app.Endpoint]*leaf
	listing    *listing // what the chi contexts of calls have, and Mux

	root       *node
	conditions int // in the tree below root, equal ones counted once
	headers    int // that they look at, and one for none

	tracers []tracer // that are told how each call is resolved

	// expressions says that some leaf has one. Chi would show it what a path
	// cannot hold as it is in its escaped form, and any length, so such paths are
	// walked.
	expressions bool

	frame
}

func newTable(root *node, c *compiler) *table {
	return &table{
		mux:        chi.NewMux(),
		foreign:    map[string]*chi.Mux{},
		anyMethod:  chi.NewMux(),
		paths:      chi.NewMux(),
		constants:  map[string]places{},
		rests:      map[string]places{},
		byEndpoint: map[*app.Endpoint]*leaf{},
		root:       root,
		conditions: len(c.conditions),
		headers:    len(c.headers),
		specials:   strings.Contains(c.root, "%"),
		frame:      c.frame,
	}
}

// routes returns the chi routes for a method, and the method under which they
// are listed there.
func (t *table) routes(method string) (routes *chi.Mux, listed string) {
	if isChis(method) {
		return t.mux, method
	}
	if own := t.foreign[method]; own != nil {
		return own, http.MethodGet
	}
	return t.anyMethod, http.MethodGet
}

// places are the leaves at one pattern, the one for any method last.
type places []methodLeaf

type methodLeaf struct {
	method string // or anyMethod
	leaf   *leaf
}

// add adds a leaf at a pattern, which has that number.
func (t *table) add(number int, pattern, method string, l *leaf) {
	added := methodLeaf{method, l}
	if strings.Contains(pattern, "{") {
		for len(t.numbered) <= number {
			t.numbered = append(t.numbered, nil)
		}
		t.numbered[number] = append(t.numbered[number], added)
		return
	}
	if strings.Contains(pattern, "*") {
		t.rests[pattern] = append(t.rests[pattern], added)
		return
	}
	t.constants[pattern] = append(t.constants[pattern], added)
	word, bit := markOf(pattern)
	t.marks[word] |= bit
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
}

// constant returns the leaf that serves a method at a path whose segments are
// all constants, or nil if there is none, or the choice is not only the path's.
func (t *table) constant(method, path string) *leaf {
	if word, bit := markOf(path); t.marks[word]&bit == 0 {
		return nil
	}
	if l := t.constants[path].serving(method); l != nil && !l.contested {
		return l
	}
	return nil
}

// A finding is the leaf that serves a call, with what was captured, which is good
// until the next search, and how many segments of the path are in front of its
// rest.
type finding struct {
	*leaf
	values []string
	front  int
}

// markOf returns where the bit of a path is in marks.
func markOf(path string) (word int, bit uint64) {
	mark := len(path)*61 + int(path[len(path)-1])*7 + int(path[len(path)/2])
	return mark / 64 % 16, 1 << (mark % 64)
}

// find returns what serves a method at a path of a call. Its leaf is nil after
// the call was told why there is none.
func (t *table) find(s *search, c *app.Call, method, path string) finding {
	found := t.choose(s, method, path)
	escaped := strings.IndexByte(path, '%') >= 0
	special := t.expressions && (escaped || len(path) > maxMatched)
	if found != nil && !found.contested && !special {
		values := s.chi.URLParams.Values
		for i := 0; i < len(values) && escaped; i++ {
			values[i] = unescape(values[i])
		}
		return finding{found, values, len(found.segments)}
	}
	if found == nil && !special && !t.knows(s, path) {
		c.SetStatus(http.StatusNotFound)
		return finding{}
	}
	w := &s.walk
	w.begin(t, c, method, path)
	defer w.reset()
	if found != nil || special {
		w.visit(t.root, 0, math.Inf(-1))
	}
	if w.found == nil {
		refused := w.refuse(t.root)
		refused.tell(c)
		return finding{}
	}
	return finding{w.found, w.captured(), w.best[len(w.best)-1].from}
}

// knows reports whether a path leads to a leaf other than by a tail, whatever
// else that asks for.
func (t *table) knows(s *search, path string) bool {
	s.chi.Reset()
	return t.paths.Find(s.chi, http.MethodGet, path) != ""
}

// choose returns the leaf that chi finds, or nil.
func (t *table) choose(s *search, method, path string) *leaf {
	s.chi.Reset()
	routes, listed := t.routes(method)
	pattern := routes.Find(s.chi, listed, path)
	switch keys := s.chi.URLParams.Keys; {
	case len(keys) == 0:
		return t.constants[pattern].serving(method)
	case keys[0] == "*":
		return t.rests[pattern].serving(method)
	default:
		number, _ := strconv.Atoi(keys[0]) // which register has written
		return t.numbered[number].serving(method)
	}
}
