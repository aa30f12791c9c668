package routing

import (
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// A Route is a part of an application's routes, as it was declared: everything
// below one path, for the calls that fit. Equal paths are the same part, so
// blocks that name one path twice extend it. It is the [app.Scope] of
// everything below it: what is installed on it, used or intercepted, wherever
// in the block that is, runs for the calls that reach a handler there. Routes
// are declared while modules run, from one goroutine. After Start each method
// logs an error and changes nothing.
//
// Ktor: Route.
type Route struct {
	scope

	tree     *tree
	parent   *Route // nil for the root
	selector selector
	outline  outline // of the selectors from the root to this one
	children []*Route
	byKey    map[any]*Route // the children, by the keys of their selectors
	declared []declaration
	name     string // see Named
	lone     bool   // it was declared as "/", in a block or behind a condition

	// inOwnBlock says that a block of Route("") is declaring, which is for the
	// route itself, whatever it looks like.
	inOwnBlock bool
}

// declaration is a handler of a route and the line that gave it. A stream needs
// the SSE plugin and answers HEAD itself.
type declaration struct {
	handler app.Handler
	site    app.Site
	stream  bool
	head    bool // it answers HEAD itself: see WithHead
	mayPass bool // it may leave calls to the one after it, on purpose
	mounted http.Handler
}

// Route adds a path below r, lets declare fill it, and returns it. The path is
// split on slashes: a piece is a constant, {name} for one segment, which may
// have text around it, an expression as in {name:[0-9]+}, or be optional as in
// {name?}, {name...} or {...} for all that remain, or * for one segment without a
// name; the comment of the package has all of it. A trailing slash counts at the
// end of the whole path; "" is r itself, and no part of it that could be given
// anything of its own: that is [Route.Group]. A nil declare is a mistake.
//
// Ktor: route.
func (r *Route) Route(path string, declare func(*Route)) *Route {
	site := r.caller()
	route := r.at(site, "route "+path, path)
	if declare == nil {
		r.tree.fail(site, fmt.Errorf("route %s: the block is nil", path))
		return route
	}
	inside := route.inOwnBlock
	route.inOwnBlock = route == r
	declare(route)
	route.inOwnBlock = inside
	return route
}

// Get adds a handler for GET requests and returns its route. It does not answer
// HEAD; the AutoHeadResponse plugin does that for all of them, as in Ktor. The
// path is that of [Route.Route]. Of several handlers of one route each runs
// only if those before it have not answered. A nil handler is a mistake, here
// and in all methods that take one.
//
// The route that is returned is that of this method at this path, here and in
// the methods for other verbs: what is given to it with Install or Use runs for
// its calls alone, and [Route.Named] names it.
//
//	r.Get("/report", report).Install(requestbodylimit.Plugin)
//
// Ktor: get.
func (r *Route) Get(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodGet, path, handler)
}

// Post adds a handler for POST requests and returns its route.
func (r *Route) Post(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodPost, path, handler)
}

// Put adds a handler for PUT requests and returns its route.
func (r *Route) Put(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodPut, path, handler)
}

// Patch adds a handler for PATCH requests and returns its route.
func (r *Route) Patch(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodPatch, path, handler)
}

// Delete adds a handler for DELETE requests and returns its route.
func (r *Route) Delete(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodDelete, path, handler)
}

// Head adds a handler for HEAD requests and returns its route.
func (r *Route) Head(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodHead, path, handler)
}

// Options adds a handler for OPTIONS requests and returns its route.
func (r *Route) Options(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), http.MethodOptions, path, handler)
}

// Query adds a handler for QUERY requests and returns its route.
func (r *Route) Query(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), methodQuery, path, handler)
}

// Method adds a handler for a method and returns its route. Any method will do,
// also one of your own; they are told apart by case. An empty one is a mistake,
// as is one that is no token (RFC 9110 section 5.6.2), or get for GET.
//
// Ktor: route with a method, and handle.
func (r *Route) Method(method, path string, handler app.Handler) *Route {
	site := r.caller()
	if err := checkMethod(method); err != nil {
		return r.refuse(site, fmt.Errorf("route %s %s: %w", method, path, err))
	}
	return r.handle(site, method, path, handler)
}

// Handle adds a handler for any method and returns its route, which is the path
// itself: what is given to it is for everything below as well. A handler for the
// very method beats it.
//
// Ktor: route and handle.
func (r *Route) Handle(path string, handler app.Handler) *Route {
	return r.handle(r.caller(), anyMethod, path, handler)
}

// Mount gives path and everything below it, with any method, to a net/http
// handler and returns its route. The request's URL stays whole: a chi router
// finds its part by itself, any other handler that wants its part alone is to
// be wrapped in http.StripPrefix. No other route is tried behind it, whatever
// it answers. Two mounts at one path are a mistake, as is anything below a mount.
func (r *Route) Mount(path string, handler http.Handler) *Route {
	site, what := r.caller(), "mount "+path
	if f, is := handler.(http.HandlerFunc); handler == nil || is && f == nil {
		return r.refuse(site, fmt.Errorf("%s: the handler is nil", what))
	}
	return r.mount(site, what, path, handler)
}

func (r *Route) mount(site app.Site, what, path string, handler http.Handler) *Route {
	route := r.at(site, what, path).below(site, what, mount{})
	if len(route.declared) > 0 {
		r.tree.fail(site, fmt.Errorf("%s: something is mounted there already, at %s", what, route.declared[0].site))
		return route
	}
	route.declare(declaration{handler: app.FromHTTP(handler), site: site, mounted: handler}, what)
	return route
}

// MayPass says that the handlers which were added to r so far leave calls to the
// one after them on purpose, by [app.ErrPass], and returns r. Start does not warn
// of the handlers that follow them.
//
//	r.Get("/{...}", files).MayPass()
//	r.Get("/{...}", page) // for what is no file
func (r *Route) MayPass() *Route {
	if r.tree.open(r.caller(), "may pass "+r.String()) {
		for i := range r.declared {
			r.declared[i].mayPass = true
		}
	}
	return r
}

// WithHead says that the handlers for GET which were added to r so far answer
// HEAD as well, as event streams do, and returns r: no plugin is needed for it.
// It is one route for both methods, and handlers that follow on it see both. A
// route of [Route.Head] at the same path wins. A route for another method than
// GET is a mistake.
//
//	r.Get("/{...}", files).WithHead()
func (r *Route) WithHead() *Route {
	site, what := r.caller(), "with HEAD "+r.String()
	switch {
	case !r.tree.open(site, what):
	case r.outline.method != http.MethodGet:
		r.tree.fail(site, fmt.Errorf("%s: the route is not one for GET", what))
	default:
		for i := range r.declared {
			r.declared[i].head = true
		}
	}
	return r
}

// String returns the full pattern of the route, as in /users/{id}.
func (r *Route) String() string { return r.outline.pattern() }

// handle adds a handler below path, for method or for any if it is empty.
func (r *Route) handle(site app.Site, method, path string, handler app.Handler) *Route {
	what := "route any method " + path
	if method != anyMethod {
		what = "route " + method + " " + path
	}
	if handler == nil {
		return r.refuse(site, fmt.Errorf("%s: the handler is nil", what))
	}
	route := r.at(site, what, path)
	if method != anyMethod {
		route = route.below(site, what, byMethod(method))
	}
	route.declare(declaration{handler: handler, site: site}, what)
	return route
}

// declare adds a handler to the node itself.
func (r *Route) declare(added declaration, what string) {
	if r.tree.open(added.site, what) {
		r.declared = append(r.declared, added)
	}
}

// at returns the node of a path below r, which it makes if need be. What names
// the declaration in mistakes.
func (r *Route) at(site app.Site, what, path string) *Route {
	selectors, err := parse(path)
	if err == nil {
		err = r.outline.openBelow() // also where the path is empty
	}
	if err != nil {
		return r.refuse(site, fmt.Errorf("%s: %w", what, err))
	}
	r.tree.look(site, path)
	route := r.below(site, what, selectors...)
	route.lone = route.lone || path == "/"
	return route
}

// below returns the node that the selectors lead to from r.
func (r *Route) below(site app.Site, what string, selectors ...selector) *Route {
	if r.tree.frozen { // declare refuses what is declared there
		return r.detached()
	}
	route := r
	for _, next := range selectors {
		child, err := route.child(next)
		if err != nil {
			return r.refuse(site, fmt.Errorf("%s: %w", what, err))
		}
		route = child
	}
	return route
}

// child returns the child with that selector, which it adds if need be.
func (r *Route) child(wanted selector) (*Route, error) {
	if known := r.known(wanted); known != nil {
		return known, nil
	}
	added, err := r.newChild(wanted)
	if err != nil {
		return nil, err
	}
	if r.byKey == nil {
		r.byKey = map[any]*Route{}
	}
	r.byKey[wanted.key()] = added
	r.children = append(r.children, added)
	return added, nil
}

// known returns the child with that selector, or nil.
func (r *Route) known(wanted selector) *Route { return r.byKey[wanted.key()] }

// newChild returns a route below r that r does not know of.
func (r *Route) newChild(wanted selector) (*Route, error) {
	extended, err := r.outline.with(wanted)
	if err != nil {
		return nil, err
	}
	child := &Route{tree: r.tree, parent: r, selector: wanted, outline: extended}
	child.scope = app.NewScope(r.scope, scopePath(wanted, &extended))
	return child, nil
}

// refuse records a mistake and returns a detached route.
func (r *Route) refuse(site app.Site, err error) *Route {
	r.tree.fail(site, err)
	return r.detached()
}

// detached returns a route that nobody knows of, so that the rest of a
// declaration that was refused can go on.
func (r *Route) detached() *Route {
	inside := app.NewScope(r.scope, scopePath(r.selector, &r.outline))
	return &Route{tree: r.tree, parent: r, selector: constant{}, scope: inside}
}
