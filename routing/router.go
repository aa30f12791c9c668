package routing

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// router finds the leaf of a call: in one flat chi.Mux, or where conditions
// have a say by a walk through the tree. Chi only chooses: the leaf then runs
// outside chi, with the chain that its endpoint was made with.
type router struct {
	mux      *chi.Mux
	others   *chi.Mux                    // under GET, what serves any method: for the methods that chi does not know
	known    *chi.Mux                    // under GET, every path without a tail: tells 405 from 404
	places   map[string]map[string]*leaf // by method, empty in others, and chi pattern
	leaves   map[*app.Endpoint]*leaf
	methods  []string // those that somebody serves, in order
	root     *Route
	depends  bool      // some leaf does, on conditions
	searches sync.Pool // of *search
}

// place is where a leaf stands: a method, empty in others, and a chi pattern.
type place struct{ method, pattern string }

// search is what looking for leaves needs. Its chi context is chi's alone while
// it searches, so that nobody can keep one.
type search struct {
	chi  *chi.Context
	walk resolution
}

// find returns the leaf that serves a method at a path of a call, with what was
// captured, or nil and the status that says why there is none. The values are
// good until the next search.
func (t *router) find(s *search, c *app.Call, method, path string) (found *leaf, values []string, failure int) {
	found = t.choose(s, method, path)
	if found != nil && !found.contested {
		values = s.chi.URLParams.Values
		for i, value := range values {
			values[i] = unescape(value)
		}
		return found, values, 0
	}
	if t.depends {
		s.walk.resolve(t.root, c, method, path)
		found, values, failure = s.walk.found, s.walk.captured(), s.walk.failure
		s.walk.reset()
		return found, values, failure
	}
	s.chi.Reset()
	if t.known.Find(s.chi, http.MethodGet, path) != "" {
		return nil, nil, http.StatusMethodNotAllowed
	}
	return nil, nil, http.StatusNotFound
}

// choose returns the leaf that chi finds, or nil.
func (t *router) choose(s *search, method, path string) *leaf {
	s.chi.Reset()
	leaves, known := t.places[method]
	if !known {
		return t.places[""][t.others.Find(s.chi, http.MethodGet, path)]
	}
	return leaves[t.mux.Find(s.chi, method, path)]
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
	s := t.searches.Get().(*search)
	found, values, failure := t.find(s, c, method, path)
	if found == nil {
		t.fail(c, s, path, failure)
		t.searches.Put(s)
		return nil
	}
	found.capture(c.Request, values)
	t.searches.Put(s)
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

// fail sets the status of a call that no leaf serves. Only what has a handler
// is in the Allow of a 405; conditions that do not hold do not take a method
// out of it.
func (t *router) fail(c *app.Call, s *search, path string, status int) {
	if status == http.StatusMethodNotAllowed {
		var allowed []string
		for _, method := range t.methods {
			found, _, failure := t.find(s, c, method, path)
			if found != nil && len(found.route.declared) > 0 || found == nil && failure != http.StatusNotFound && failure != http.StatusMethodNotAllowed {
				allowed = append(allowed, method)
			}
		}
		c.Header().Set("Allow", strings.Join(allowed, ", "))
	}
	c.SetStatus(status)
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

// outside returns a new chi context that begins with what a router around the
// application, or around a fork of the call, knows about it; nil if there is
// none.
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

// Mux returns the chi routes that an application's tree was frozen into, for
// chi.Walk, and whether it has been. They list every pattern, without
// middlewares: the chains are Chitor's. They must not be served from.
func Mux(a *app.Application) (chi.Routes, bool) {
	t, ok := treeKey.Get(a)
	if !ok || t.router == nil {
		return nil, false
	}
	return t.router.mux, true
}
