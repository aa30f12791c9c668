package routing

import (
	"net/http"
	"slices"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// router is the [app.Router] of a table: it leads each call to its leaf.
type router struct {
	*table
	searches sync.Pool // of *search
}

func newRouter(t *table) *router {
	return &router{table: t, searches: sync.Pool{New: func() any { return &search{chi: chi.NewRouteContext()} }}}
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
	path, inside := t.inside(routePath(source, escaped, t.specials))
	if !inside {
		c.SetStatus(http.StatusNotFound)
		return nil
	}
	found, front := t.lead(c, method, path)
	if found == nil {
		return nil
	}
	if context == nil && found.rest == restMount {
		context = &chi.Context{Routes: t.listing}
	}
	if context != nil {
		found.complete(context, c.Request)
		if found.rest == restMount {
			context.RoutePath = below(source, t.rootSegments+front)
		}
		if !bound {
			c.BindRouter(context)
		}
	}
	return found.endpoint.Serve(c)
}

// lead returns the leaf for the call, after its request was given what the path
// has captured, and how many segments are in front of its rest. Without one the
// call was given the status of a failure.
func (t *router) lead(c *app.Call, method, path string) (found *leaf, front int) {
	if found := t.constant(method, path); found != nil && t.tracers == nil {
		found.capture(c.Request, nil)
		return found, len(found.segments)
	}
	s := t.searches.Get().(*search)
	var watched *Resolution
	if t.tracers != nil {
		watched = t.watch(s, c, method, path)
	}
	f := t.find(s, c, method, path)
	if watched != nil {
		t.report(s, c, watched, f.leaf)
	}
	if f.leaf != nil {
		f.capture(c.Request, f.values)
	}
	t.searches.Put(s)
	return f.leaf, f.front
}

// ContextKey returns chi's key, so that chi.URLParam and chi.RouteContext work.
func (t *router) ContextKey() any { return chi.RouteCtxKey }

// RouterContext makes a chi context that belongs to the call alone.
func (t *router) RouterContext(c *app.Call, routed *http.Request) any {
	if made := t.outside(c); made != nil {
		return made
	}
	made := &chi.Context{Routes: t.listing}
	if l := t.byEndpoint[c.Endpoint()]; l != nil {
		l.complete(made, routed)
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
		Routes:        t.listing,
		RoutePath:     outer.RoutePath,
		URLParams:     chi.RouteParams{Keys: slices.Clone(outer.URLParams.Keys), Values: slices.Clone(outer.URLParams.Values)},
		RoutePatterns: slices.Clone(outer.RoutePatterns),
	}
	// Else it is no choice, and a middleware may still choose.
	if outer.RouteMethod != arrived.Method {
		made.RouteMethod = outer.RouteMethod
	}
	return made
}
