package routing

import (
	"slices"

	"github.com/chitor-go/chitor/app"
)

// A RouteInfo is what was declared at one route that has handlers: one of those
// that [AllRoutes] returns. It is a copy, and changing it changes no route.
type RouteInfo struct {
	// Method is the one that is served, or empty for any.
	Method string

	// Pattern is the path as it is written in a route, from the root of the
	// application's routes on: /users/{id}. Kind tells that of a mount from
	// others, of which it is the part in front of what is below.
	Pattern string

	// Conditions are what the route asks for besides, in words, from the root on:
	// "header X-Version: 2". What Method and Pattern ask for is not among them.
	Conditions []string

	// Name is what [Route.Named] has given, or empty.
	Name string

	// Kind is what serves the calls.
	Kind Kind

	// Site is the line that has declared it, the first one of several.
	Site app.Site

	// Route is the route itself, whose attributes can be read, as those of the
	// routes around it can: see [Route.Parent].
	Route *Route
}

// A Kind is what serves the calls of a route.
type Kind uint8

// The kinds.
const (
	KindHandler Kind = iota // handlers
	KindStream              // an event stream of [Route.SSE], perhaps among handlers
	KindMount               // what was mounted, which takes everything below as well
)

// String returns the kind in a word: "handler", "stream" or "mount".
func (k Kind) String() string {
	switch k {
	case KindStream:
		return "stream"
	case KindMount:
		return "mount"
	default:
		return "handler"
	}
}

// AllRoutes returns the routes that were declared with handlers so far, and all
// of them after Start: each before those that are declared below it, and of
// those below one route each in the order of its first declaration. What is
// served besides because plugins ask for it, such as HEAD for GET or the OPTIONS
// of CORS, is not among them. It is nil if nothing was declared. Before Start it
// is called where routes are declared, and afterwards from any goroutine.
//
// Ktor: getAllRoutes.
func AllRoutes(a *app.Application) []RouteInfo {
	t, known := treeKey.Get(a)
	if !known {
		return nil
	}
	return t.root.list(nil)
}

// list adds those of the route and of what is below it.
func (r *Route) list(listed []RouteInfo) []RouteInfo {
	if len(r.declared) > 0 {
		listed = append(listed, r.info())
	}
	for _, child := range r.children {
		listed = child.list(listed)
	}
	return listed
}

// info tells about a route that has handlers.
func (r *Route) info() RouteInfo {
	kind := KindHandler
	switch {
	case r.outline.rest == restMount:
		kind = KindMount
	case r.streams():
		kind = KindStream
	}
	return RouteInfo{
		Method:     r.outline.method,
		Pattern:    r.outline.pattern(),
		Conditions: slices.Clone(r.outline.conditions),
		Name:       r.name,
		Kind:       kind,
		Site:       r.declared[0].site,
		Route:      r,
	}
}

// Parent returns the route around r, nil for the root. Each part of a path, each
// condition, each method and each group is a route of its own.
//
// Ktor: parent.
func (r *Route) Parent() *Route { return r.parent }

// streams reports whether a handler of the route answers with an event stream.
func (r *Route) streams() bool {
	return slices.ContainsFunc(r.declared, func(d declaration) bool { return d.stream })
}
