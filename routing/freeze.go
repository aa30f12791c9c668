package routing

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// freeze makes the tree one flat chi.Mux. What it returns as an error is everything that is wrong with the
// routes, each with the line that declared it.
func (t *tree) freeze() (app.Router, error) {
	t.frozen = true
	f := freezer{router: &router{
		mux:       chi.NewMux(),
		leaves:    map[*app.Endpoint]*leaf{},
		sheltered: sync.Pool{New: func() any { return newSearch() }},
	}, taken: map[string]*leaf{}, warn: func(message string, args ...any) { t.application.Logger().Warn(message, args...) }}
	f.collect(t.root)
	// Leaves without a * come first: a named parameter beats it. Then whole shapes come before the ones
	// that a tail or a stream adds, since those only fill gaps.
	slices.SortStableFunc(f.leaves, func(a, b *leaf) int { return a.wildcards - b.wildcards })
	for _, anyMethod := range []bool{true, false} {
		for _, leaf := range f.leaves {
			if (leaf.method == "") == anyMethod {
				f.register(leaf, leaf.shape(), leaf.method)
			}
		}
	}
	for _, leaf := range f.leaves {
		if leaf.rest != none {
			f.fill(leaf, leaf.emptyShape(), leaf.method)
		}
		if leaf.route.stream {
			f.fill(leaf, leaf.shape(), http.MethodHead)
		}
	}
	f.router.mux.NotFound(notFound)
	f.router.mux.MethodNotAllowed(notFound)
	t.router = f.router
	return f.router, errors.Join(f.mistakes...)
}

type freezer struct {
	router   *router
	leaves   []*leaf
	taken    map[string]*leaf // by method and shape without names
	warn     func(message string, args ...any)
	mistakes []error
}

// collect makes a leaf of every route with handlers, depth first.
func (f *freezer) collect(r *Route) {
	if len(r.handlers) > 0 {
		if r.stream {
			if _, installed := sse.Plugin.In(r); !installed {
				f.mistake(r, errors.New("the plugin SSE is not installed: call a.Install(sse.Plugin)"))
			}
		}
		if leaf, err := newLeaf(r); err != nil {
			f.mistake(r, err)
		} else {
			f.leaves = append(f.leaves, leaf)
			f.router.leaves[leaf.endpoint] = leaf
		}
	}
	for _, child := range r.children {
		f.collect(child)
	}
}

func (f *freezer) mistake(r *Route, err error) {
	f.mistakes = append(f.mistakes, fmt.Errorf("%s: route %s %s: %w", r.site, r.method(), r.pattern(), err))
}

// register adds a leaf under its shape. The first of two equal ones wins, as in Ktor.
func (f *freezer) register(l *leaf, shape, method string) {
	key := method + " " + unnamed(shape)
	if first, taken := f.taken[key]; taken {
		f.warn("a route can never be reached", "route", l.route.method()+" "+l.route.pattern(), "site", l.route.site.String(),
			"first", first.route.pattern(), "first site", first.route.site.String())
		return
	}
	f.taken[key] = l
	defer func() {
		if value := recover(); value != nil { // chi refuses by panicking
			f.mistake(l.route, fmt.Errorf("%v", value))
		}
	}()
	if method == "" {
		f.router.mux.Handle(shape, l)
	} else {
		f.router.mux.Method(method, shape, l)
	}
}

// fill adds a leaf under a shape that belongs to it only if nobody else has it.
func (f *freezer) fill(l *leaf, shape, method string) {
	_, taken := f.taken[method+" "+unnamed(shape)]
	_, takenByAny := f.taken[" "+unnamed(shape)]
	if taken || takenByAny {
		return
	}
	if method == "" { // chi would let any method override what verbs have there
		for verb := range methods {
			f.fill(l, shape, verb)
		}
		return
	}
	f.register(l, shape, method)
}

// leaf is a route with handlers: what chi finds.
type leaf struct {
	route     *Route
	endpoint  *app.Endpoint
	pattern   string
	method    string // empty for any
	pieces    []selector
	slash     bool
	rest      rest
	restName  string
	wildcards int
	names     []string // of the parameters
}

// rest says what a leaf does with the segments that follow its own.
type rest uint8

const (
	none  rest = iota
	takes      // a tail
	mount
)

func newLeaf(r *Route) (*leaf, error) {
	l := &leaf{route: r, pattern: r.pattern()}
	seen := map[string]bool{}
	for _, selector := range r.way() {
		switch selector.kind {
		case byMethod:
			if l.method != "" && l.method != selector.text {
				return nil, fmt.Errorf("it asks for the methods %s and %s at once", l.method, selector.text)
			}
			l.method = selector.text
			continue
		case slash:
			l.slash = true
			continue
		case tail:
			l.rest, l.restName = takes, selector.text
		case mounted:
			l.rest = mount
			continue
		case wildcard:
			l.wildcards++
		}
		l.slash = false // a slash in the middle says nothing
		if name := selector.text; selector.kind == parameter || selector.kind == tail && name != "" {
			if seen[name] {
				return nil, fmt.Errorf("the parameter %s stands there twice", name)
			}
			seen[name] = true
			l.names = append(l.names, name)
		}
		if selector.kind != tail {
			l.pieces = append(l.pieces, selector)
		}
	}
	endpoint, err := app.NewEndpoint(r, l.pattern, r.handlers...)
	l.endpoint = endpoint
	return l, err
}

// shape returns the leaf's chi pattern.
func (l *leaf) shape() string {
	var shape strings.Builder
	for i, piece := range l.pieces {
		shape.WriteByte('/')
		switch piece.kind {
		case parameter:
			shape.WriteString("{" + piece.text + "}")
		case wildcard:
			shape.WriteString("{_" + strconv.Itoa(i) + "}")
		default:
			shape.WriteString(escape(piece.text))
		}
	}
	switch {
	case l.rest != none:
		shape.WriteString("/*")
	case l.slash || shape.Len() == 0:
		shape.WriteByte('/')
	}
	return shape.String()
}

// emptyShape is the shape of a leaf with a rest when nothing remains.
func (l *leaf) emptyShape() string {
	if shape := strings.TrimSuffix(l.shape(), "/*"); shape != "" {
		return shape
	}
	return "/"
}

// unnamed returns a shape with the names taken out of its parameters: what chi tells apart.
func unnamed(shape string) string {
	var bare strings.Builder
	for {
		open := strings.IndexByte(shape, '{')
		if open < 0 {
			return bare.String() + shape
		}
		bare.WriteString(shape[:open] + "{}")
		shape = shape[open+strings.IndexByte(shape[open:], '}')+1:]
	}
}

// way returns the selectors from the root to r.
func (r *Route) way() []selector {
	if r.parent == nil {
		return nil
	}
	return append(r.parent.way(), r.selector)
}

// method returns the method that r asks for, for messages.
func (r *Route) method() string {
	for ; r.parent != nil; r = r.parent {
		switch r.selector.kind {
		case byMethod:
			return r.selector.text
		case mounted:
			return "mount"
		}
	}
	return "any method"
}
