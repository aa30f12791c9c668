package routing

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// freeze makes the tree one flat chi.Mux. What it returns as an error is
// everything that is wrong with the routes, each with the line that declared
// it.
func (t *tree) freeze() (app.Router, error) {
	t.frozen = true
	f := freezer{
		tree: t,
		router: &router{
			mux:      chi.NewMux(),
			others:   chi.NewMux(),
			known:    chi.NewMux(),
			places:   map[string]map[string]*leaf{"": {}},
			leaves:   map[*app.Endpoint]*leaf{},
			root:     t.root,
			searches: sync.Pool{New: func() any { return &search{chi: chi.NewRouteContext()} }},
		},
		taken:     map[place]*leaf{},
		contested: map[int]bool{},
		reported:  map[string]bool{},
	}
	for method := range methods {
		f.router.places[method] = map[string]*leaf{}
	}
	f.collect(t.root)
	f.addLikes()
	f.contestPlaces()
	f.register()
	t.router = f.router
	return f.router, errors.Join(f.mistakes...)
}

type freezer struct {
	tree      *tree
	router    *router
	verbs     []*leaf // leaves for one method
	anys      []*leaf // leaves for any method
	likes     []*leaf // leaves for one method that serve another
	gaps      []*leaf // leaves without handlers
	taken     map[place]*leaf
	contested map[int]bool // positions where a * stands somewhere
	mistakes  []error
	reported  map[string]bool
}

// collect makes a leaf of every route with handlers, depth first.
func (f *freezer) collect(r *Route) {
	if len(r.declared) > 0 {
		f.add(r)
	}
	f.addGaps(r)
	for _, child := range r.children {
		f.collect(child)
	}
}

func (f *freezer) add(r *Route) {
	first := r.declared[0].site
	handlers := make([]app.Handler, 0, len(r.declared))
	for i, declared := range r.declared {
		handlers = append(handlers, declared.handler)
		if i > 0 {
			f.warn("a route has several handlers: each runs only if those before it do not answer", r, declared.site, first)
		}
		if _, installed := sse.Plugin.In(r); declared.stream && !installed {
			f.mistake(r, declared.site, errors.New("the plugin SSE is not installed: call a.Install(sse.Plugin)"))
		}
	}
	l, err := newLeaf(r)
	if err != nil {
		f.mistake(r, first, err)
		return
	}
	l.endpoint, err = app.NewEndpoint(r, l.pattern, handlers...)
	if err != nil && !f.reported[err.Error()] { // of a scope around, which the other leaves there report as well
		f.reported[err.Error()] = true
		f.mistakes = append(f.mistakes, err)
	}
	f.router.leaves[l.endpoint] = l
	r.leaf = l
	if l.method == "" {
		f.anys = append(f.anys, l)
	} else {
		f.verbs = append(f.verbs, l)
	}
	f.contest(l)
}

// contest notes where the leaf has a *.
func (f *freezer) contest(l *leaf) {
	for i, piece := range l.pieces {
		f.contested[i] = f.contested[i] || piece.kind == wildcard
	}
}

// contestPlaces finds the leaves whose choice is not chi's, because others for
// the same path depend on conditions.
func (f *freezer) contestPlaces() {
	all := slices.Concat(f.verbs, f.likes, f.anys, f.gaps)
	for _, l := range all {
		if !l.depends {
			continue
		}
		f.router.depends = true
		for _, other := range all {
			other.contested = other.contested || l.overlaps(other)
		}
	}
}

// register gives each leaf its places. Who comes first has them: of two equal
// routes the first, as in Ktor; one for a method before one for another, and
// that before one for any method; and last what only fills gaps: a tail where
// nothing remains, the head of a stream, what plugins answer.
func (f *freezer) register() {
	leaves := slices.Concat(plainFirst(f.verbs), plainFirst(f.likes), plainFirst(f.anys))
	for _, l := range leaves {
		if first := f.claim(l, l.method, true); first != nil && !l.derived && !l.depends {
			f.warn("a route can never be reached", l.route, l.route.declared[0].site, first.route.declared[0].site)
		}
		if l.rest == none {
			f.claim(l, anyPath, true)
		}
	}
	for _, l := range leaves {
		if l.rest != none {
			f.claim(l, l.method, false)
		}
	}
	for _, l := range f.verbs {
		if l.route.streams() {
			f.claim(l, http.MethodHead, true)
			if l.rest != none {
				f.claim(l, http.MethodHead, false)
			}
		}
	}
	for _, l := range plainFirst(f.gaps) {
		f.claim(l, l.method, true)
		f.claim(l, l.method, false)
	}
	for method := range methods {
		serves := func(l *leaf) bool { return l.method == method || method == http.MethodHead && l.route.streams() }
		if slices.ContainsFunc(f.verbs, serves) || slices.ContainsFunc(f.likes, serves) {
			f.router.methods = append(f.router.methods, method)
		}
	}
	slices.Sort(f.router.methods)
}

// plainFirst returns the leaves with those in front that do not depend on
// conditions, so that none of these is kept from a place that is its own in any
// case.
func plainFirst(leaves []*leaf) []*leaf {
	depends := func(l *leaf) bool { return l.depends }
	return slices.Concat(slices.DeleteFunc(slices.Clone(leaves), depends), slices.DeleteFunc(slices.Clone(leaves), func(l *leaf) bool { return !l.depends }))
}

const (
	anyMethod = ""
	anyPath   = "*" // stands for the method where only the path is asked
)

// claim gives the leaf its place for a method, unless somebody has it: then it
// returns who. Whole is the place where something remains for the leaf's rest.
func (f *freezer) claim(l *leaf, method string, whole bool) (first *leaf) {
	nameless := place{method, l.shape(whole, nameless)}
	if first := f.taken[nameless]; first != nil {
		return first
	}
	f.taken[nameless] = l
	pattern := l.shape(whole, f.ranked)
	nothing := http.NotFoundHandler() // chi is only asked
	switch method {
	case anyPath:
		f.router.known.Method(http.MethodGet, pattern, nothing)
		return nil
	case anyMethod:
		f.router.others.Method(http.MethodGet, pattern, nothing)
		for verb := range methods {
			f.claim(l, verb, whole)
		}
	default:
		f.router.mux.Method(method, pattern, nothing)
	}
	f.router.places[method][pattern] = l
	return nil
}

// nameless writes what chi tells apart.
func nameless(_ int, piece selector) string {
	if piece.kind == wildcard {
		return "{*}"
	}
	return "{}"
}

// ranked writes a parameter so that it beats a * at the same position: chi
// prefers regular expressions.
func (f *freezer) ranked(position int, piece selector) string {
	if piece.kind == parameter && f.contested[position] {
		return "{" + piece.text + ":(?s:.*)}"
	}
	return captured(position, piece)
}

func (f *freezer) mistake(r *Route, site app.Site, err error) {
	f.mistakes = append(f.mistakes, fmt.Errorf("%s: route %s: %w", site, r.describe(), err))
}

func (f *freezer) warn(message string, r *Route, site, first app.Site) {
	f.tree.application.Logger().Warn(message, "route", r.describe(), "site", site.String(), "first", first.String())
}
