package app

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
)

// A Call is one request and its response: Ktor's ApplicationCall. It belongs to
// the goroutine that serves the request, except where a method says otherwise;
// handlers, hooks and interceptors of one call run one after the other. It is
// never reused, so a goroutine that keeps a call longer than it lasts reads old
// data, never another request's.
type Call struct {
	// Request is the request as the middlewares around have left it. Its
	// context is the call's.
	Request *http.Request

	app      *Application
	endpoint *Endpoint
	routed   *http.Request // the request as routing saw it, nil before
	request  *http.Request // as the server, or the middleware before a fork, handed it over
	live     atomic.Pointer[liveContext]
	bound    atomic.Pointer[routerBinding]
	attrs    attributes
	writer   http.ResponseWriter // what the innermost edge has bound
	rare     *rare
	response
}

// newCall returns a call of a that answers r through w, the writer of the
// server or of a middleware that the rest of the call cannot look through.
func newCall(a *Application, w http.ResponseWriter, r *http.Request) *Call {
	c := &Call{app: a, endpoint: a.base, request: r, response: response{server: w}}
	c.out.Header = w.Header()
	c.writer = (*responseWriter)(c)
	c.Request = r.WithContext((*callContext)(c))
	c.guardBody()
	return c
}

// CallFrom returns the call that ctx belongs to, and whether there is one. It
// is how net/http code that runs inside an application reaches the call.
func CallFrom(ctx context.Context) (*Call, bool) {
	c, ok := ctx.Value(callKey{}).(*Call)
	return c, ok
}

// FromHTTP returns a handler that lets h answer, by net/http's rules: a handler
// that writes nothing has answered with 200. It is for one route; routing's
// Mount is for everything below a path. Nil gives nil, a mistake of the line
// that declares it.
func FromHTTP(h http.Handler) Handler {
	if h == nil {
		return nil
	}
	return func(c *Call) error {
		c.preset = 0 // it was set for a handler of ours
		h.ServeHTTP(c.mountedWriter(), c.Request)
		c.answerEmpty()
		return nil
	}
}

// Application returns the application that serves the call.
func (c *Call) Application() *Application { return c.app }

// Arrived returns the request as the application was given it, by the server or
// a router around it. Its context is the one in which they keep what is theirs.
// It must not be changed.
func (c *Call) Arrived() *http.Request { return c.request }

// Scope returns the scope that the call has reached: the application, and after
// routing the scope of the route.
func (c *Call) Scope() Scope { return c.endpoint.scope }

// Endpoint returns the endpoint that the call has reached: the application's
// own before routing.
func (c *Call) Endpoint() *Endpoint { return c.endpoint }

// Route returns the pattern of the route that the call has reached, or ""
// before routing and for a call that no route matches.
func (c *Call) Route() string { return c.endpoint.pattern }

// Context returns the context of the call, which is the request's. It ends when
// the client goes away, when the call ends, and with [ErrStopping] as its cause
// when the application stops and the grace period is over. Ktor's call goes on
// when the client has gone.
func (c *Call) Context() context.Context { return c.Request.Context() }

// PathParam returns the value that the route's pattern captured under name,
// decoded, or "".
func (c *Call) PathParam(name string) string {
	if value := c.Request.PathValue(name); value != "" || c.routed == nil {
		return value
	}
	return c.routed.PathValue(name) // outside a middleware that replaced the request
}

// Query returns the query parameters, decoded. They are read anew each time;
// names are case-sensitive. Pairs that cannot be read are left out, as in
// net/http.
func (c *Call) Query() url.Values { return c.Request.URL.Query() }

// QueryParam returns the first value of a query parameter, decoded, or "".
func (c *Call) QueryParam(name string) string { return c.Query().Get(name) }

// Param returns the path parameter of that name, or else the query parameter.
// Ktor's call.parameters looks at the query first.
func (c *Call) Param(name string) string {
	if value := c.PathParam(name); value != "" {
		return value
	}
	return c.QueryParam(name)
}

// Answered reports whether the call has an answer, if not yet on the wire.
// Ktor: isHandled.
func (c *Call) Answered() bool { return c.answered }

func (c *Call) attributes() *attributes { return &c.attrs }
