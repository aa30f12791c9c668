package routing

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// router finds the leaf of a call in one flat chi.Mux. Chi only chooses: the leaf then runs outside chi, with the
// chain that its endpoint was made with.
type router struct {
	mux      *chi.Mux
	others   *chi.Mux                    // under GET, what serves any method: for the methods that chi does not know
	known    *chi.Mux                    // under GET, every path without a tail: tells 405 from 404
	places   map[string]map[string]*leaf // by method, empty in others, and chi pattern
	leaves   map[*app.Endpoint]*leaf
	methods  []string  // those that somebody serves, in order
	searches sync.Pool // of *chi.Context: chi's alone while it searches, so that nobody can keep one
}

// place is where a leaf stands: a method, empty in others, and a chi pattern.
type place struct{ method, pattern string }

// find returns the leaf that serves a method at a path, or nil. The search then holds what was captured.
func (t *router) find(search *chi.Context, method, path string) *leaf {
	search.Reset()
	leaves, known := t.places[method]
	if !known {
		return t.places[""][t.others.Find(search, http.MethodGet, path)]
	}
	return leaves[t.mux.Find(search, method, path)]
}

// ServeCall finds the leaf of the call and lets it serve.
func (t *router) ServeCall(c *app.Call) error {
	context, bound := c.BoundRouter().(*chi.Context) // a middleware has asked for it before routing
	if !bound {
		context = t.outside(c)
	}
	method, chosen := c.Request.Method, ""
	if context != nil {
		chosen = context.RoutePath
		if context.RouteMethod != "" {
			method = context.RouteMethod
		}
	}
	source, escaped := sourcePath(c.Request, chosen)
	path := routePath(source, escaped)
	search := t.searches.Get().(*chi.Context)
	found := t.find(search, method, path)
	if found == nil {
		t.fail(c, search, path)
		t.searches.Put(search)
		return nil
	}
	found.capture(c.Request, search.URLParams.Values)
	t.searches.Put(search)
	if context == nil && found.rest == mount {
		context = &chi.Context{Routes: t.mux}
	}
	if context != nil {
		found.complete(context, c.Request, source)
		if !bound {
			c.BindRouter(context)
		}
	}
	return found.endpoint.Serve(c)
}

// fail sets the status of a call that no leaf serves: 405 with Allow if only the method is wrong, else 404. A tail alone
// does not make it 405, or every unknown path beside it would be.
func (t *router) fail(c *app.Call, search *chi.Context, path string) {
	search.Reset()
	if t.known.Find(search, http.MethodGet, path) == "" {
		c.SetStatus(http.StatusNotFound)
		return
	}
	var allowed []string
	for _, method := range t.methods {
		if found := t.find(search, method, path); found != nil && len(found.route.declared) > 0 {
			allowed = append(allowed, method)
		}
	}
	c.Header().Set("Allow", strings.Join(allowed, ", "))
	c.SetStatus(http.StatusMethodNotAllowed)
}

// ContextKey returns chi's key, so that chi.URLParam and chi.RouteContext work.
func (t *router) ContextKey() any { return chi.RouteCtxKey }

// RouterContext makes a chi context that belongs to the call alone.
func (t *router) RouterContext(c *app.Call, routed *http.Request) any {
	if made := t.outside(c); made != nil {
		return made
	}
	made := &chi.Context{Routes: t.mux}
	if leaf := t.leaves[c.Endpoint()]; leaf != nil {
		leaf.complete(made, routed, "")
	}
	return made
}

// outside returns a new chi context that begins with what a router around the application, or around a fork of the call,
// knows about it; nil if there is none.
func (t *router) outside(c *app.Call) *chi.Context {
	arrived := c.Arrived()
	outer := chi.RouteContext(arrived.Context())
	if outer == nil {
		return nil
	}
	made := &chi.Context{
		Routes:        t.mux,
		RoutePath:     outer.RoutePath,
		URLParams:     chi.RouteParams{Keys: slices.Clone(outer.URLParams.Keys), Values: slices.Clone(outer.URLParams.Values)},
		RoutePatterns: slices.Clone(outer.RoutePatterns),
	}
	if outer.RouteMethod != arrived.Method { // else it is no choice, and a middleware may choose yet
		made.RouteMethod = outer.RouteMethod
	}
	return made
}

// Mux returns the chi routes that an application's tree was frozen into, for chi.Walk, and whether it has been. They
// list every pattern, without middlewares: the chains are Chitor's. They must not be served from.
func Mux(a *app.Application) (chi.Routes, bool) {
	t, ok := treeKey.Get(a)
	if !ok || t.router == nil {
		return nil, false
	}
	return t.router.mux, true
}
