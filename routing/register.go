package routing

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
)

// register gives each leaf its places in chi, and the table the way from there
// to the leaf. For instance
//
//	r.Get("/users/{id}", user)
//	r.Handle("/users/{name}", anything)
//	r.Get("/users/*/cards", cards)
//	r.Get("/{page...}", page)
//
// become, since chi knows no * for one segment, no order between parameters at
// one place, and no tail that takes nothing,
//
//	/users/{0:(?s:.*)}  GET    user: a regular expression beats {1}
//	/users/{0:(?s:.*)}  POST   anything, as for all methods but GET
//	/users/{1}/cards    GET    cards
//	/* and /            GET    page
//
// The name of the first parameter is the number of the pattern.
//
// Of two leaves for one place the first has it. Those for the very method come
// first, then aliases, then those for any method; behind them comes what only
// fills places that are left: tails where nothing remains for them, the heads
// of event streams, and at last fillers. Where that is not Ktor's order, a walk
// chooses.
func register(t *table, all *leaves, log *slog.Logger) {
	r := &registry{
		table:   t,
		asked:   http.NotFoundHandler(),
		taken:   map[place]*leaf{},
		numbers: ordinals{},
		starred: starredPositions(all.all()),
		methods: slices.Clone(chiMethods[:]),
	}
	for _, l := range all.all() {
		r.know(l.method)
		for _, segment := range l.segments {
			t.expressions = t.expressions || segment.expression != ""
			t.specials = t.specials || hasSpecial(segment.text)
		}
		t.byEndpoint[l.endpoint] = l
	}
	hidden := map[*leaf]*leaf{} // by what has their places
	serving := all.serving((*outline).countSegments)
	for _, l := range serving {
		if first := r.register(l, l.method, l.outline); first != nil {
			hidden[l] = first
		}
		r.registerPath(l)
	}
	for _, l := range all.serving((*outline).leastSegments) {
		if r.registerEmptyRest(l, l.method) {
			delete(hidden, l)
		}
	}
	for _, l := range all.verbs {
		if l.head {
			r.register(l, http.MethodHead, l.outline)
			r.registerEmptyRest(l, http.MethodHead)
		}
	}
	for _, l := range all.fillers {
		r.register(l, l.method, l.outline)
		r.registerEmptyRest(l, l.method)
	}
	for _, l := range serving {
		if first := hidden[l]; first != nil && l.origin == originDeclared && !l.contested {
			warn(log, "a route can never be reached", l, l.site, first.site)
		}
	}
}

// starredPositions returns the positions where some leaf has a *.
func starredPositions(leaves []*leaf) map[int]bool {
	starred := map[int]bool{}
	for _, l := range leaves {
		for position, segment := range l.segments {
			starred[position] = starred[position] || segment.isWildcard()
		}
	}
	return starred
}

// serving returns the leaves but for fillers in the order in which they get
// places for paths of so many segments.
func (ls *leaves) serving(segments func(*outline) int) []*leaf {
	return slices.Concat(simplestFirst(ls.verbs, segments), ls.aliases, simplestFirst(ls.anyMethod, segments))
}

// simplestFirst returns the leaves with those in front that chi can tell apart.
// Behind one that it cannot, another for the same path may be reached all the
// same. Of those at the root the ones with a slash come first, as in Ktor.
func simplestFirst(leaves []*leaf, segments func(*outline) int) []*leaf {
	ordered := slices.Clone(leaves)
	rank := func(l *leaf) int {
		switch {
		case !l.plain():
			return 2
		case segments(&l.outline) == 0 && !l.slash:
			return 1
		default:
			return 0
		}
	}
	slices.SortStableFunc(ordered, func(a, b *leaf) int { return rank(a) - rank(b) })
	return ordered
}

// registry is the work of register.
type registry struct {
	table   *table
	asked   http.Handler    // of all chi routes: chi is only asked
	taken   map[place]*leaf // by the leaf that has it
	starred map[int]bool    // the positions where some leaf has a *
	methods []string        // those of chi, and what else some leaf serves
	numbers ordinals        // of patterns
}

// know makes room for a method that chi does not know.
func (r *registry) know(method string) {
	if method != anyMethod && !slices.Contains(r.methods, method) {
		r.methods = append(r.methods, method)
		r.table.foreign[method] = chi.NewMux()
	}
}

// place is what chi tells apart: a method, anyMethod or anyPath, and a pattern.
type place struct{ method, pattern string }

// anyPath is the method of a place where only the path is asked.
const anyPath = "*"

// register gives a leaf the place for a method at a path, unless another one
// has it: then it returns that one.
func (r *registry) register(l *leaf, method string, path outline) (first *leaf) {
	if first := r.take(l, method, path); first != nil {
		return first
	}
	mux, listed := r.table.routes(method)
	number := r.numbers.of(path.chiPattern(r.starred, ""))
	pattern := path.chiPattern(r.starred, strconv.Itoa(number))
	mux.Method(listed, pattern, r.asked)
	if method == anyMethod {
		for _, verb := range r.methods {
			r.register(l, verb, path)
		}
	}
	r.table.add(number, pattern, method, l)
	return nil
}

// registerEmptyRest gives a leaf the places where nothing remains for its rest,
// if it has one, and reports whether it got one.
func (r *registry) registerEmptyRest(l *leaf, method string) (got bool) {
	for _, bare := range l.withoutRest() {
		got = r.register(l, method, bare) == nil || got
	}
	return got
}

// registerPath notes that there is something at the leaf's path, unless that has
// a rest, where nothing is to blame.
func (r *registry) registerPath(l *leaf) {
	if l.rest == restTail || l.rest == restMount {
		return
	}
	for _, path := range append(l.withoutRest(), l.outline) {
		if r.take(l, anyPath, path) == nil {
			r.table.paths.Method(http.MethodGet, path.chiPattern(r.starred, "0"), r.asked)
		}
	}
}

// take notes that a place is a leaf's, unless it is another one's: then it
// returns that one.
func (r *registry) take(l *leaf, method string, path outline) (first *leaf) {
	wanted := place{method, path.chiPattern(r.starred, "")}
	first = r.taken[wanted]
	switch {
	case first == nil:
		r.taken[wanted] = l
	case l.mayBeat(first):
		l.contested, first.contested = true, true
	}
	return first
}

// mayBeat reports whether a leaf may be better for Ktor than the one that has
// its place: behind the end of the other's path it has a tail, and is not below
// the other. Ktor takes the longer of two ways that are equal as far as they
// go.
//
//	r.Handle("/{p}", short)
//	r.Get("/{q}/{path...}", long) // GET /x, POST /x is for short
func (l *leaf) mayBeat(first *leaf) bool {
	return first.method == anyMethod && first.rest <= restOptional && l.rest != restNone && !l.isBelow(first.route)
}
