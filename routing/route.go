package routing

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// A Route is a node of an application's routing tree, as Ktor's Route. It is
// the [app.Scope] of everything below it: what is installed on it, intercepted
// or used, wherever in the block that stands, runs for the calls that reach a
// handler there. Equal paths are the same node, so blocks that name one path
// twice extend it. Routes are declared while modules run, from one goroutine;
// after Start each method logs an error and changes nothing.
type Route struct {
	app.Scope

	tree     *tree
	parent   *Route
	selector selector
	children []*Route
	declared []declaration

	// What follows is set when the tree is frozen.
	leaf  *leaf    // if r has handlers, or stands for a plugin's
	likes []string // further methods that r serves, which asks for one
	gap   bool     // r stands for a plugin: everything else comes first
}

// declaration is a handler of a route and the line that gave it.
type declaration struct {
	handler app.Handler
	site    app.Site
	stream  bool // an event stream, which needs the SSE plugin and answers HEAD itself
}

// Route adds a path below r and lets declare fill it. The path is split on
// slashes: a piece is a constant, {name} for one segment, {name...} or {...}
// for all that remain, or * for one segment without a name. A trailing slash
// counts; "" is r itself.
func (r *Route) Route(path string, declare func(*Route)) *Route {
	site := app.Caller(1)
	route := r.at(site, "route "+path, path)
	if declare == nil {
		r.tree.fail(site, fmt.Errorf("route %s: the block is nil", path))
		return route
	}
	declare(route)
	return route
}

// Get adds a handler for GET requests and returns its route. It does not answer
// HEAD; the AutoHeadResponse plugin does that for all of them, as in Ktor.
func (r *Route) Get(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodGet, path, handler)
}

// Post adds a handler for POST requests and returns its route.
func (r *Route) Post(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodPost, path, handler)
}

// Put adds a handler for PUT requests and returns its route.
func (r *Route) Put(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodPut, path, handler)
}

// Patch adds a handler for PATCH requests and returns its route.
func (r *Route) Patch(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodPatch, path, handler)
}

// Delete adds a handler for DELETE requests and returns its route.
func (r *Route) Delete(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodDelete, path, handler)
}

// Head adds a handler for HEAD requests and returns its route.
func (r *Route) Head(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodHead, path, handler)
}

// Options adds a handler for OPTIONS requests and returns its route.
func (r *Route) Options(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), http.MethodOptions, path, handler)
}

// Query adds a handler for QUERY requests and returns its route.
func (r *Route) Query(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), methodQuery, path, handler)
}

const methodQuery = "QUERY"

// Method adds a handler for a method and returns its route: one of the methods
// above, CONNECT or TRACE.
func (r *Route) Method(method, path string, handler app.Handler) *Route {
	site := app.Caller(1)
	if !methods[method] {
		r.tree.fail(site, fmt.Errorf("route %s %s: the method is unknown", method, path))
		return r.detached()
	}
	return r.handle(site, method, path, handler)
}

// Handle adds a handler for any method and returns its route. A handler for the
// very method beats it.
func (r *Route) Handle(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), anyMethod, path, handler)
}

// Mount gives path and everything below it, with any method, to a net/http
// handler and returns its route. The request's URL stays whole: a chi router
// below finds its part by itself, other handlers are wrapped in
// http.StripPrefix by whoever mounts them. What the handler answers is final,
// also a 404.
func (r *Route) Mount(path string, handler http.Handler) *Route {
	site, what := app.Caller(1), "mount "+path
	if handler == nil {
		r.tree.fail(site, fmt.Errorf("%s: the handler is nil", what))
		return r.detached()
	}
	route := r.at(site, what, path).below(site, what, selector{kind: mounted})
	if len(route.declared) > 0 {
		r.tree.fail(site, fmt.Errorf("%s: something is mounted there already, at %s", what, route.declared[0].site))
		return route
	}
	route.declare(declaration{handler: app.FromHTTP(handler), site: site}, what)
	return route
}

// String returns the full pattern of the route, as in /users/{id}.
func (r *Route) String() string { return r.pattern() }

// handle adds a handler below path, for method or for any if it is empty.
func (r *Route) handle(site app.Site, method, path string, handler app.Handler) *Route {
	what := "route any method " + path
	if method != anyMethod {
		what = "route " + method + " " + path
	}
	if handler == nil {
		r.tree.fail(site, fmt.Errorf("%s: the handler is nil", what))
		return r.detached()
	}
	route := r.at(site, what, path)
	if method != anyMethod {
		route = route.below(site, what, selector{kind: byMethod, text: method})
	}
	route.declare(declaration{handler: handler, site: site}, what)
	return route
}

// methods are those that chi can route.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true,
	http.MethodHead: true, http.MethodOptions: true, http.MethodConnect: true, http.MethodTrace: true, methodQuery: true,
}

// declare adds a handler to the node itself.
func (r *Route) declare(added declaration, what string) {
	if r.tree.open(added.site, what) {
		r.declared = append(r.declared, added)
	}
}

// streams reports whether the route is an event stream.
func (r *Route) streams() bool {
	return slices.ContainsFunc(r.declared, func(d declaration) bool { return d.stream })
}

// at returns the node of a path below r, which it makes if need be. What names
// the declaration in mistakes.
func (r *Route) at(site app.Site, what, path string) *Route {
	selectors, err := parse(path)
	if err != nil {
		r.tree.fail(site, fmt.Errorf("%s: %w", what, err))
		return r.detached()
	}
	if r.last().kind == mounted {
		r.tree.fail(site, fmt.Errorf("%s: nothing can stand below a mount", what))
		return r.detached()
	}
	return r.below(site, what, selectors...)
}

// below returns the node that the selectors lead to from r.
func (r *Route) below(site app.Site, what string, selectors ...selector) *Route {
	route := r
	for _, next := range selectors {
		if last := route.last(); last.kind == tail && next.kind != byMethod && next.kind != conditional {
			r.tree.fail(site, fmt.Errorf("%s: nothing can follow %s, which takes all that remains", what, last))
			return r.detached()
		}
		route = route.child(next)
	}
	return route
}

// last returns the selector that r's path ends with.
func (r *Route) last() selector {
	for r.selector.kind == byMethod || r.selector.kind == conditional {
		r = r.parent
	}
	return r.selector
}

// child returns the child with that selector.
func (r *Route) child(selector selector) *Route {
	for _, known := range r.children {
		if known.selector.same(selector) {
			return known
		}
	}
	child := r.newChild(selector)
	if !r.tree.frozen {
		r.children = append(r.children, child)
	}
	return child
}

// detached returns a node for the rest of a declaration that was refused, so
// that it can go on.
func (r *Route) detached() *Route { return r.newChild(selector{kind: constant}) }

func (r *Route) newChild(selector selector) *Route {
	child := &Route{tree: r.tree, parent: r, selector: selector}
	child.Scope = app.NewScope(r.Scope, child.pattern())
	return child
}
