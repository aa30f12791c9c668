package routing

import (
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// A Route is a node of an application's routing tree, as Ktor's Route. It is the [app.Scope] of everything below
// it: what is installed on it, intercepted or used, wherever in the block that stands, runs for
// the calls that reach a handler there. Equal paths are the same node, so blocks that name one path twice extend
// it. Routes are declared while modules run, from one goroutine; after Start each method
// logs an error and changes nothing.
type Route struct {
	app.Scope

	tree     *tree
	parent   *Route
	selector selector
	children []*Route
	handlers []app.Handler
	mounted  http.Handler
	stream   bool     // an event stream, which needs the SSE plugin and answers HEAD itself
	site     app.Site // of the first handler
}

// Route adds a path below r and lets declare fill it. The path is split on slashes: a piece is a constant,
// {name} for one segment, {name...} or {...} for all that remain, or * for one
// segment without a name. A trailing slash counts; "" is r itself.
func (r *Route) Route(path string, declare func(*Route)) *Route {
	route := r.at(app.Caller(1), "", path)
	declare(route)
	return route
}

// Get adds a handler for GET requests and returns its route. It does not answer HEAD; the
// AutoHeadResponse plugin does that for all of them, as in Ktor.
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

// Method adds a handler for a method that chi knows and returns its route.
func (r *Route) Method(method, path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), method, path, handler)
}

// Handle adds a handler for any method and returns its route. A handler for the very method beats it.
func (r *Route) Handle(path string, handler app.Handler) *Route {
	return r.handle(app.Caller(1), "", path, handler)
}

// Mount gives path and everything below it, with any method, to a net/http handler and returns its route. The
// request's URL stays whole: a chi router below finds its part by itself, other handlers are wrapped in
// http.StripPrefix by whoever mounts them. What the handler answers is final, also a 404.
func (r *Route) Mount(path string, handler http.Handler) *Route {
	site := app.Caller(1)
	route := r.at(site, "mount", path)
	if handler == nil {
		r.tree.fail(site, fmt.Errorf("mount %s: the handler is nil", path))
		return route
	}
	route = route.child(selector{kind: mounted})
	if route.mounted != nil {
		r.tree.fail(site, fmt.Errorf("mount %s: something is mounted there already", path))
		return route
	}
	if r.tree.open(site, "mount "+path) {
		route.mounted, route.site = handler, site
		route.handlers = []app.Handler{app.FromHTTP(handler)}
	}
	return route
}

// String returns the full pattern of the route, as in /users/{id}.
func (r *Route) String() string { return r.pattern() }

// handle adds a handler below path, for method or for any if it is empty.
func (r *Route) handle(site app.Site, method, path string, handler app.Handler) *Route {
	what := method
	if what == "" {
		what = "any method"
	}
	route := r.at(site, what, path)
	if handler == nil {
		r.tree.fail(site, fmt.Errorf("route %s %s: the handler is nil", what, path))
		return route
	}
	if method != "" {
		if !methods[method] {
			r.tree.fail(site, fmt.Errorf("route %s %s: the method is unknown", what, path))
			return route
		}
		route = route.child(selector{kind: byMethod, text: method})
	}
	if r.tree.open(site, "route "+what+" "+path) {
		if len(route.handlers) == 0 {
			route.site = site
		}
		route.handlers = append(route.handlers, handler)
	}
	return route
}

// methods are those that chi can route.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true,
	http.MethodHead: true, http.MethodOptions: true, http.MethodConnect: true, http.MethodTrace: true, methodQuery: true,
}

// at returns the node of a path below r, which it makes if need be. What names the declaration in mistakes.
func (r *Route) at(site app.Site, what, path string) *Route {
	selectors, err := parse(path)
	if err != nil {
		r.tree.fail(site, fmt.Errorf("route %s %s: %w", what, path, err))
		return r.detached()
	}
	route := r
	for _, selector := range selectors {
		if route.selector.kind == tail {
			r.tree.fail(site, fmt.Errorf("route %s %s: nothing can follow %s, which takes all that remains", what, path, route.selector))
			return r.detached()
		}
		route = route.child(selector)
	}
	return route
}

// child returns the child with that selector.
func (r *Route) child(selector selector) *Route {
	for _, known := range r.children {
		if known.selector == selector {
			return known
		}
	}
	child := r.newChild(selector)
	if !r.tree.frozen {
		r.children = append(r.children, child)
	}
	return child
}

// detached returns a node for the rest of a declaration that was refused, so that it can go on.
func (r *Route) detached() *Route { return r.newChild(selector{kind: constant}) }

func (r *Route) newChild(selector selector) *Route {
	child := &Route{tree: r.tree, parent: r, selector: selector}
	child.Scope = app.NewScope(r.Scope, child.pattern())
	return child
}
