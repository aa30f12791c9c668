package app

import (
	"errors"
	"fmt"
	"net/http"
)

// A Router is the end of [PhaseCall]: it finds the endpoint of a call. Package
// routing provides the one that applications use. What stands in this file is
// for routers alone; what they need besides is [Endpoint.Serve], [Site],
// [Caller] and [Application.FailAt].
type Router interface {
	// ServeCall finds the endpoint of the call and lets it serve the call. If
	// there is none it sets the status of the answer, or says why by Refuse, and
	// returns nil, so that the fallback phase follows.
	ServeCall(c *Call) error

	// ContextKey returns the key under which the contexts of calls answer with
	// RouterContext.
	ContextKey() any

	// RouterContext makes the router's own context for a call, when it is first
	// asked for. The call keeps it; it is never another call's. Routed
	// is the request as routing saw it, nil before that. It may be called from
	// any goroutine.
	RouterContext(c *Call, routed *http.Request) any
}

// SetRouter sets what routes calls. Freeze is called once, when all modules
// have run, and returns the router, or the mistakes that it found, which name
// their own sites. A second router is a mistake, as is a nil freeze. Without a
// router no call has a route.
func (a *Application) SetRouter(freeze func() (Router, error)) {
	c := change{&a.scope, nil, Caller(1)}
	switch {
	case !accepts(c, "set a router", "the freeze function", freeze):
	case a.freeze != nil:
		c.fail(errors.New("the application has a router already"))
	default:
		a.freeze = freeze
	}
}

// NewScope returns a new scope inside parent, for a part of a routing tree.
// Path is for messages. A scope right below the application is the root of the
// tree: what it is given with Use goes to the application.
func NewScope(parent Scope, path string) Scope {
	outer := parent.sealed()
	return &scope{app: outer.app, parent: outer, path: path}
}

// ScopeAt returns scope for one change that was asked for at site. A router's
// own type, whose methods hand on to a scope, calls it so that mistakes name
// the line that called it, as in ScopeAt(r.scope, Caller(1)).Install(plugin).
func ScopeAt(scope Scope, site Site) Scope { return change{scope.sealed(), nil, site} }

// NewEndpoint returns the endpoint of handlers in scope. They run in order at
// the end of [PhaseCall], each unless the call is answered by then. Pattern is
// what [Call.Route] returns. The error lists what went wrong while interceptors
// and middlewares were put together, each with the line that added it; a nil
// handler is an error with the line that called NewEndpoint.
func NewEndpoint(scope Scope, pattern string, handlers ...Handler) (*Endpoint, error) {
	s := scope.sealed()
	for i, handler := range handlers {
		if handler == nil {
			return nil, fmt.Errorf("%s: new endpoint %s: %s is nil", Caller(1), pattern, nth("handler", i, len(handlers)))
		}
	}
	e := newEndpoint(s, pattern)
	e.handlers = handlers
	fallback, _, fallbackErr := chain(s.effective(PhaseFallback, PhaseFallback), func(c *Call) error { return s.app.fallback(c) })
	var err error
	e.serve, e.around, err = chain(s.effective(PhaseSetup, PhaseCall), handle(handlers, fallback))
	return e, errors.Join(err, fallbackErr)
}

// Refuse sets the error that the call fails with unless the fallback phase
// answers it or sets another status than the error's. It is for routers, which
// call it with an error of its own for each call.
func (c *Call) Refuse(err *Error) {
	c.SetStatus(err.StatusCode())
	c.seldom().refusal = err
}

// BindRouter binds the router's own context to the call, in place of the one
// that [Router.RouterContext] would make. It is for routers, and may be called
// from any goroutine.
func (c *Call) BindRouter(value any) { c.bound.Store(&routerBinding{value}) }

// BoundRouter returns the router's own context, or nil if it was not asked for
// yet. It is for routers, and may be called from any goroutine.
func (c *Call) BoundRouter() any {
	if bound := c.bound.Load(); bound != nil {
		return bound.value
	}
	return nil
}

// A DefaultRoute is what a plugin has asked for with
// [PluginBuilder.DefaultRoutes].
type DefaultRoute struct {
	// Method is the method to serve.
	Method string
	// Like is the method whose routes serve it, or empty.
	Like string
	// Site is where the plugin was installed.
	Site Site
}

// DefaultRoutes returns what the plugins that are installed on this very scope
// have asked for. It is for routers, when they freeze.
func DefaultRoutes(scope Scope) []DefaultRoute { return scope.sealed().defaults }
