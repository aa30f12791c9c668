package app

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/chitor-go/chitor/internal/wire"
)

// A Call is one request and its response. It belongs to the goroutine that
// serves the request, except where a method says otherwise; handlers, hooks and
// interceptors of one call run one after the other. It is never reused, so a
// goroutine that keeps a call longer than it lasts reads old data, never another
// request's.
//
// Ktor: ApplicationCall.
type Call struct {
	// Request is the request as the middlewares around have left it. Its context
	// is the call's.
	Request *http.Request

	// Where the call is. They change on the call's goroutine.
	arrived *http.Request // the request as the server, or the middleware of a fork, gave it
	routed  *http.Request // the request as routing saw it, nil before
	edge    *edgeWriter   // the writer of the innermost middleware, nil outside of all
	door    door          // for those who write, and the passage through the last middleware
	running uint16        // which hook of the commit is running, counted from 1; 0 for none
	headers uint8         // how many the response had when its head was handed over, or 255
	body    bodyUse       // what has become of the body of the request

	// What any goroutine may ask for.
	endpoint atomic.Pointer[Endpoint] // reached so far: the application's own before routing
	attrs    attributes
	live     atomic.Pointer[liveContext]
	bound    atomic.Pointer[routerBinding]

	// The response.
	answer      answer
	wire        wire.Wire
	contentType [1]string // backs the Content-Type header

	rare *rare // nil until something in it is needed
}

// rare is what few calls need, kept apart so that a call stays small.
type rare struct {
	failure   error    // that the call has failed with
	kept      error    // what the edge of the last middleware returned
	refusal   *Error   // of the router, nil if it has said nothing
	work      *group   // beside the call
	replacing []uint16 // the hooks that respond anew, by their place in the commit
	exited    bool     // a handler or hook has ended its goroutine
	passed    bool     // the last handler has returned ErrPass
	second    *secondAnswerError
	hijacked  *hijackedConn
	outer     *Call     // of a fork: the call that it has left
	reached   *Endpoint // by a fork that this call has run, or nil
}

func (c *Call) seldom() *rare {
	if c.rare == nil {
		c.rare = &rare{}
	}
	return c.rare
}

// newCall returns a call of a that answers r through w, the writer of the server
// or of a middleware that the rest of the call cannot look through.
func newCall(a *Application, w http.ResponseWriter, r *http.Request) *Call {
	c := &Call{arrived: r}
	c.endpoint.Store(a.base)
	c.answer.out.Header = w.Header()
	c.Request = r.WithContext(callContext{c})
	c.wire.Open(a.limits, w, c.Request)
	return c
}

// close ends what belongs to a call that is over.
func (c *Call) close() {
	c.wire.Close()
	c.endContext()
}

// CallFrom returns the call that ctx belongs to, and whether there is one. It
// is how net/http code that runs inside an application reaches the call.
func CallFrom(ctx context.Context) (*Call, bool) {
	c, ok := ctx.Value(callKey{}).(*Call)
	return c, ok
}

// Application returns the application that serves the call.
func (c *Call) Application() *Application { return c.Endpoint().scope.app }

// Arrived returns the request as the application was given it, by the server or
// a router around it. Its context is the one in which they keep what is theirs.
// It must not be changed. When a route is reached its Pattern is that of the
// route, for whoever looks at it around the application.
func (c *Call) Arrived() *http.Request { return c.arrived }

// Scope returns the scope that the call has reached: the application, and after
// routing the scope of the route.
func (c *Call) Scope() Scope { return c.Endpoint().scope.known() }

// Endpoint returns the endpoint that the call has reached: the application's
// own before routing.
func (c *Call) Endpoint() *Endpoint { return c.endpoint.Load() }

// Route returns the pattern of the route that the call has reached, or ""
// before routing and for a call that no route matches. Outside of a middleware
// that the call cannot look through, such as http.TimeoutHandler, it is known
// when the middleware has returned.
func (c *Call) Route() string {
	if c.rare != nil && c.rare.reached != nil {
		return c.rare.reached.pattern
	}
	return c.Endpoint().pattern
}

// Context returns the context of the call, which is the request's. It ends when
// the client goes away, when the call ends, and with [ErrStopping] as its cause
// when the application stops and the grace period is over. That of a call that
// has hijacked its connection ends as soon as the application begins to stop.
//
// Ktor: coroutineContext, which does not end when the client goes away.
func (c *Call) Context() context.Context { return c.Request.Context() }

// PathParam returns the value that the route's pattern captured under name,
// decoded, or "", also for a name that is not in the pattern: the function
// [PathParam] refuses that.
func (c *Call) PathParam(name string) string {
	if value := c.Request.PathValue(name); value != "" || c.routed == nil {
		return value
	}
	return c.routed.PathValue(name) // outside a middleware that replaced the request
}

// Param returns the path parameter of that name, or else the query parameter, or
// "".
//
// Ktor: parameters, where the query comes first.
func (c *Call) Param(name string) string {
	if value := c.PathParam(name); value != "" {
		return value
	}
	return c.QueryParam(name)
}

// Answered reports whether somebody has begun to answer the call. Nothing of the
// answer need have been sent.
//
// Ktor: isHandled.
func (c *Call) Answered() bool { return c.answer.stage != stageSilent }

func (c *Call) attributes() *attributes { return &c.attrs }
