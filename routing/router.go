package routing

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// router finds the leaf of a call in one flat chi.Mux. Chi only chooses: it is given a search in place of a
// response writer, and the leaf that it calls makes itself known there. The leaf then runs
// outside chi, with the chain that its endpoint was made with.
type router struct {
	mux       *chi.Mux
	leaves    map[*app.Endpoint]*leaf
	sheltered sync.Pool // of *search
}

// search is one look-up. The chi.Context in it is chi's alone and goes back to the pool before the handler
// runs, so that nobody can keep it.
type search struct {
	binding app.RouterBinding
	context chi.Context
	found   *leaf
}

func newSearch() *search {
	s := &search{}
	s.binding.Value = &s.context
	return s
}

func (s *search) Header() http.Header         { return http.Header{} }
func (s *search) Write(p []byte) (int, error) { return len(p), nil }
func (s *search) WriteHeader(int)             {}

// ServeHTTP is called by chi when it has found the leaf.
func (l *leaf) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.(*search).found = l }

func notFound(http.ResponseWriter, *http.Request) {}

// ServeCall finds the leaf of the call and lets it serve.
func (t *router) ServeCall(c *app.Call) error {
	s := t.sheltered.Get().(*search)
	s.context.Reset()
	s.context.Routes = t.mux
	s.found = nil
	before := c.BindRouter(&s.binding)
	var own *chi.Context // the call's, if a middleware has asked for it before routing
	if before != nil {
		own = before.Value.(*chi.Context)
		s.context.RoutePath, s.context.RouteMethod = own.RoutePath, own.RouteMethod
	}
	path, escaped := routePath(c.Request, s.context.RoutePath)
	s.context.RoutePath = path
	t.mux.ServeHTTP(s, c.Request)
	c.BindRouter(before)
	found := s.found
	if found == nil {
		t.fail(c, path, s.context.RouteMethod)
		t.sheltered.Put(s)
		return nil
	}
	found.capture(c.Request, &s.context.URLParams, escaped)
	t.sheltered.Put(s)
	if found.rest == mount || own != nil {
		made := t.context(c.Request, found)
		if own != nil {
			*own, made = *made, own
		}
		c.BindRouter(&app.RouterBinding{Value: made})
	}
	return found.endpoint.Serve(c)
}

// capture gives the request what the leaf's pattern has caught.
func (l *leaf) capture(r *http.Request, params *chi.RouteParams, escaped bool) {
	r.Pattern = l.pattern
	if escaped {
		for i, key := range params.Keys {
			if value := params.Values[i]; strings.IndexByte(value, '%') >= 0 {
				r.SetPathValue(key, unescape(value))
			}
		}
	}
	if l.restName != "" {
		r.SetPathValue(l.restName, r.PathValue("*"))
	}
}

// fail sets the status of a call that no leaf serves: 405 with Allow if another method would be served, else 404. A
// tail does not count, or every unknown path beside it would be 405.
func (t *router) fail(c *app.Call, path, method string) {
	var allowed []string
	for candidate := range methods {
		if candidate == method {
			continue
		}
		pattern := t.mux.Find(chi.NewRouteContext(), candidate, path)
		if pattern != "" && !strings.HasSuffix(pattern, "*") {
			allowed = append(allowed, candidate)
		}
	}
	if len(allowed) == 0 {
		c.SetStatus(http.StatusNotFound)
		return
	}
	slices.Sort(allowed)
	c.Header().Set("Allow", strings.Join(allowed, ", "))
	c.SetStatus(http.StatusMethodNotAllowed)
}

// ContextKey returns chi's key, so that chi.URLParam and chi.RouteContext work.
func (t *router) ContextKey() any { return chi.RouteCtxKey }

// RouterContext makes a chi context that belongs to the call alone.
func (t *router) RouterContext(c *app.Call, routed *http.Request) any {
	return t.context(routed, t.leaves[c.Endpoint()])
}

func (t *router) context(r *http.Request, l *leaf) *chi.Context {
	made := chi.NewRouteContext()
	made.Routes = t.mux
	if l == nil {
		return made
	}
	made.RouteMethod = r.Method
	made.RoutePatterns = []string{l.shape()}
	for _, name := range l.names {
		made.URLParams.Add(name, r.PathValue(name))
	}
	switch l.rest {
	case takes:
		made.URLParams.Add("*", r.PathValue("*"))
	case mount:
		made.URLParams.Add("*", "")
		made.RoutePath = below(r, len(l.pieces))
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
