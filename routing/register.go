package routing

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
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
//	/users/{id:(?s:.*)}    GET    user: a regular expression beats {*1}
//	/users/{name:(?s:.*)}  POST   anything, as for all methods but GET
//	/users/{*1}/cards      GET    cards
//	/* and /               GET    page
//
// Of two leaves for one place the first has it. Those for the very method come
// first, then aliases, then those for any method; behind them comes what only
// fills places that are left: tails where nothing remains for them, the heads
// of event streams, and at last fillers.
func register(t *table, all *leaves, log *slog.Logger) {
	r := &registry{
		table:   t,
		asked:   http.NotFoundHandler(),
		taken:   map[place]*leaf{},
		starred: map[int]bool{},
	}
	for _, l := range slices.Concat(all.verbs, all.anyMethod, all.fillers) {
		for position, segment := range l.segments {
			r.starred[position] = r.starred[position] || segment.isWildcard()
		}
	}
	serving := slices.Concat(plainFirst(all.verbs), all.aliases, plainFirst(all.anyMethod))
	for _, l := range serving {
		first := r.register(l, l.method, l.outline)
		if first != nil && l.origin == originDeclared && len(l.conditions) == 0 {
			warn(log, "a route can never be reached", l, l.site, first.site)
		}
		if l.rest == restNone {
			r.registerPath(l)
		}
	}
	for _, l := range serving {
		r.registerEmptyRest(l, l.method)
	}
	for _, l := range all.verbs {
		if l.stream {
			r.register(l, http.MethodHead, l.outline)
			r.registerEmptyRest(l, http.MethodHead)
		}
	}
	for _, l := range all.fillers {
		r.register(l, l.method, l.outline)
		r.registerEmptyRest(l, l.method)
	}
	t.methods = served(slices.Concat(all.verbs, all.aliases))
	for _, l := range slices.Concat(all.verbs, all.anyMethod, all.fillers) {
		t.byEndpoint[l.endpoint] = l
	}
}

// plainFirst returns the leaves with those in front that do not depend on
// conditions: behind one that does, a leaf for the same path can be reached all
// the same, and there is nothing to warn of.
func plainFirst(leaves []*leaf) []*leaf {
	ordered := slices.Clone(leaves)
	slices.SortStableFunc(ordered, func(a, b *leaf) int {
		return min(len(a.conditions), 1) - min(len(b.conditions), 1)
	})
	return ordered
}

// served returns the methods that the leaves serve, in order.
func served(leaves []*leaf) []string {
	var found []string
	for _, l := range leaves {
		found = append(found, l.method)
		if l.stream {
			found = append(found, http.MethodHead)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// registry is the work of register.
type registry struct {
	table   *table
	asked   http.Handler    // of all chi routes: chi is only asked
	taken   map[place]*leaf // by the leaf that has it
	starred map[int]bool    // the positions where some leaf has a *
}

// place is what chi tells apart: a method, anyMethod or anyPath, and a pattern
// without names.
type place struct{ method, pattern string }

// anyPath is the method of a place where only the path is asked.
const anyPath = "*"

// register gives a leaf the place for a method at a path, unless another one
// has it: then it returns that one.
func (r *registry) register(l *leaf, method string, path outline) (first *leaf) {
	if first := r.take(l, method, path); first != nil {
		return first
	}
	pattern := path.chiPattern(r.ranked)
	if method != anyMethod {
		r.table.mux.Method(method, pattern, r.asked)
		r.table.add(pattern, method, l)
		return nil
	}
	r.table.anyMethod.Method(http.MethodGet, pattern, r.asked)
	for verb := range methods {
		r.register(l, verb, path)
	}
	r.table.add(pattern, anyMethod, l)
	return nil
}

// registerEmptyRest gives a leaf the place where nothing remains for its rest,
// if it has one.
func (r *registry) registerEmptyRest(l *leaf, method string) {
	if l.rest != restNone {
		r.register(l, method, l.withoutRest())
	}
}

// registerPath notes that there is something at the leaf's path.
func (r *registry) registerPath(l *leaf) {
	if r.take(l, anyPath, l.outline) == nil {
		r.table.paths.Method(http.MethodGet, l.chiPattern(r.ranked), r.asked)
	}
}

// take notes that a place is a leaf's, unless it is another one's: then it
// returns that one.
func (r *registry) take(l *leaf, method string, path outline) (first *leaf) {
	wanted := place{method, path.chiPattern(nameless)}
	if first = r.taken[wanted]; first == nil {
		r.taken[wanted] = l
	}
	return first
}

// unranked writes a segment as it is.
func unranked(position int, s segment) string { return s.chiPattern(position) }

// nameless writes what chi tells apart.
func nameless(_ int, s segment) string {
	switch {
	case s.isConstant():
		return s.String()
	case s.isWildcard():
		return "{*}"
	default:
		return "{}"
	}
}

// ranked writes a parameter so that it beats a * at the same position: chi
// prefers regular expressions.
func (r *registry) ranked(position int, s segment) string {
	written := s.chiPattern(position)
	if r.starred[position] && !s.isConstant() && !s.isWildcard() {
		return strings.TrimSuffix(written, "}") + ":(?s:.*)}"
	}
	return written
}
