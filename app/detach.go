package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"

	"github.com/chitor-go/chitor/internal/wire"
)

// A Taker takes the connection of a call that goes on when its handlers have
// returned: see [Call.Detach].
type Taker interface {
	// Take is called once, on the goroutine of the call, when its handlers and all
	// that is around them have returned. If the connection was taken over, the call
	// lasts until [Call.EndDetached], and what Take returns is of no use. If not, it
	// lasts until Take returns, and an error fails it, as one of its handler does.
	Take(taken Taken) error
	// ContextEnded is called when the context of a call has ended whose connection
	// was taken over, except by the end of the call: since the client has gone, or
	// the grace of the application's stop is over. It is called at most once, on any
	// goroutine, when Take has returned, and must not wait. A call that has ended
	// by then may still be told.
	ContextEnded()
}

// Taken is what a [Taker] gets.
type Taken struct {
	// Conn is the connection, on which the head of the response and all that was
	// flushed have been sent, in chunks if the client understands them. It is for
	// the taker to write and close; to read is to learn that the client has gone.
	// It is nil if the server has kept it.
	Conn    net.Conn
	Chunked bool
	// Derived says that the handler's context is not the call's own but one that
	// hangs on it, and may end before.
	Derived bool
	// Writer is the call's if the server has kept the connection, as it was for its
	// handlers. It may be used until Take returns.
	Writer http.ResponseWriter
	// Err is why the server has kept the connection: what the call has failed with
	// meanwhile, or why the server does not give it away.
	Err error
}

// An Obstacle is why the connection of a call cannot be taken over.
type Obstacle uint8

// The obstacles, in the order in which they are looked for.
const (
	// ObstacleNone: it can be.
	ObstacleNone Obstacle = iota
	// ObstacleProtocol: the call came over HTTP/2 or HTTP/3, whose connections carry
	// many calls.
	ObstacleProtocol
	// ObstacleHandler: the response was begun by a part of a handler or by a hook,
	// which may go on when it was.
	ObstacleHandler
	// ObstacleServer: somebody stands between the server and the application, or the
	// server is none of net/http.
	ObstacleServer
	// ObstacleWriter: a middleware has put a writer of its own around that of the
	// call, or a hook something around the body.
	ObstacleWriter
	// ObstacleAround: an interceptor or a middleware may act when the rest of the
	// call has returned.
	ObstacleAround
	// ObstacleContext: the context of the call has a deadline, or somebody waits for
	// the end of the server's.
	ObstacleContext
	// ObstacleBody: the request has a body.
	ObstacleBody
	// ObstacleWork: work of [Call.Go] runs beside the call.
	ObstacleWork
)

// String returns what the obstacle is, in words, or its number, as in
// "Obstacle(12)", if there is none.
func (o Obstacle) String() string {
	return nameOf("Obstacle", int(o), "none", "the protocol is not HTTP/1", "the response was begun inside of a handler",
		"the application is not the handler of a server of net/http", "something is around the response", "code is around the handler",
		"somebody waits for the end of the server's context, or it has a deadline", "the request has a body", "work of Call.Go runs")
}

// Obstacle returns what keeps the connection of the call from being taken over when
// its handlers have returned, and who it is, if there is a line to name. It is asked
// in a handler, before the response begins: from then on, if there is no obstacle,
// the context of the call is one that outlasts the server's. Trusted says that the
// code around the handler does nothing that matters when it has returned. It belongs
// to the goroutine of the call.
func (c *Call) Obstacle(trusted bool) (found Obstacle, who string) {
	if found, who = c.obstacle(trusted); found != ObstacleNone {
		return found, who
	}
	callContext{c}.outlasting()
	if c.door.noted(noteWaited) { // meanwhile
		return ObstacleContext, ""
	}
	return ObstacleNone, ""
}

func (c *Call) obstacle(trusted bool) (found Obstacle, who string) {
	switch {
	case c.arrived.ProtoMajor != 1:
		return ObstacleProtocol, ""
	case !c.door.noted(noteHandler):
		return ObstacleHandler, ""
	case !c.isServedDirectly():
		return ObstacleServer, ""
	case c.edge != nil || c.isFork() || c.wrapsBody():
		return ObstacleWriter, ""
	case c.arrived.Body != nil && c.arrived.Body != http.NoBody:
		return ObstacleBody, ""
	case c.rare != nil && c.rare.work != nil:
		return ObstacleWork, ""
	}
	live := c.live.Load()
	if _, limited := c.Context().Deadline(); limited || c.door.noted(noteWaited) || live != nil && live.outlasting() == nil {
		return ObstacleContext, ""
	}
	if around := c.Endpoint().codeAround(); around != "" && !trusted {
		return ObstacleAround, around
	}
	return ObstacleNone, ""
}

// isServedDirectly reports whether the application is the handler of a server of
// net/http.
func (c *Call) isServedDirectly() bool {
	server, known := c.arrived.Context().Value(http.ServerContextKey).(*http.Server)
	if !known || wire.Behind(server.Handler) != http.Handler(c.Application()) {
		return false
	}
	writer := reflect.TypeOf(c.wire.Server())
	return writer.Kind() == reflect.Pointer && writer.Elem().PkgPath() == "net/http" && writer.Elem().Name() == "response"
}

// wrapsBody reports whether the response is more than its head and what is written,
// or ends in a way of its own.
func (c *Call) wrapsBody() bool {
	a := &c.answer
	if a.stage == stageSent && !c.sendsDirectly() {
		return true
	}
	return a.out.wrap != nil || a.out.Header["Transfer-Encoding"] != nil || a.out.Header["Trailer"] != nil
}

// asksForEvents reports whether the client waits for an event stream.
func (c *Call) asksForEvents() bool {
	for _, accepted := range c.arrived.Header["Accept"] {
		if strings.Contains(accepted, "text/event-stream") {
			return true
		}
	}
	return false
}

// Detach lets the call go on when its handlers have returned, without the goroutine
// that serves it, until [Call.EndDetached]. All that comes at the end of a call comes
// then: [PluginBuilder.OnResponseSent], [RoutingCallFinished], the end of its
// context. It is called by a handler that has begun its response, has flushed all
// that it has written, and has found no [Call.Obstacle]; from then on nobody writes
// to the call until the taker has its connection. Until the end the call counts as
// running, so that [Application.Stop] waits for it.
func (c *Call) Detach(taker Taker) {
	o := c.live.Load().outlasting()
	o.going, o.inner = taker, c.Request
}

// goingOn returns what is known of a call that goes on when its handlers have
// returned, nil of any other.
func (c *Call) goingOn() *outlasting {
	live := c.live.Load()
	if live == nil {
		return nil
	}
	if o := live.outlasting(); o != nil && o.going != nil {
		return o
	}
	return nil
}

// leave ends a call whose handlers have returned, unless it goes on: then its
// connection is taken over. It reports whether the call has ended. If the connection
// cannot be taken over, the taker goes on here.
func (c *Call) leave() (ended bool) {
	o := c.goingOn()
	if o == nil {
		c.end()
		return true
	}
	conn, err := c.takeOver(o)
	if err == nil {
		taken := Taken{Conn: conn, Chunked: c.arrived.ProtoAtLeast(1, 1), Derived: o.inner.Context() != context.Context(callContext{c})}
		_ = o.going.Take(taken)
		c.Application().live.tell(c.live.Load(), o.going)
		return false
	}
	defer c.end() // and what precedes it, also if the taker ends the goroutine
	defer RoutingCallFinished.Raise(c.Application(), c)
	a := &c.answer
	if a.end == endWhole {
		a.end = endOpen
	}
	if err := c.run(func(c *Call) error { return o.going.Take(Taken{Writer: ownWriter{c}, Err: err}) }); err != nil {
		a.cutIncomplete() // what has failed before has not, since all was there then
	}
	a.complete()
	return true
}

// takeOver takes the connection over from the server, and drops what belongs to
// that.
func (c *Call) takeOver(o *outlasting) (net.Conn, error) {
	live := c.live.Load()
	switch {
	case c.failed():
		return nil, c.Failure()
	case !c.Application().live.leaveServer(live):
		return nil, fmt.Errorf("take the connection over: %w", context.Canceled)
	}
	if connection := wire.ConnectionOf(live); connection != nil {
		connection.Detach()
	}
	conn, err := c.wire.Detach()
	if err != nil { // somebody has hijacked it, and the server's context is not looked at any more
		c.ClientGone()
		return nil, err
	}
	c.release(c.answer.held)
	c.answer.held = nil
	o.outer, c.Request = c.Request, o.inner // which the taker sees until the end
	if isSame(c.arrived, o.outer) {
		c.arrived = o.outer
	}
	if isSame(c.routed, o.outer) {
		c.routed = o.outer
	}
	return conn, nil
}

// isSame reports whether nothing but its context tells a request from another one.
func isSame(a, b *http.Request) bool {
	return a == b || a.Method == b.Method && a.URL == b.URL && a.Host == b.Host && a.RemoteAddr == b.RemoteAddr &&
		a.RequestURI == b.RequestURI && a.TLS == b.TLS && a.Pattern == b.Pattern &&
		reflect.ValueOf(a.Header).Pointer() == reflect.ValueOf(b.Header).Pointer()
}

// ClientGone tells a call whose connection was taken over that its client has gone:
// its context ends. It may be called from any goroutine, until EndDetached.
func (c *Call) ClientGone() {
	c.Application().live.end(c.live.Load(), context.Canceled)
}

// EndDetached ends a call whose connection was taken over, when it has been closed,
// or will be without anybody's doing. It fails with err, if that is not nil, as by an
// error of its handler. Written is how many bytes the body has had in all, without
// what frames them. It runs the hooks, and is called once, from any goroutine, which
// the call belongs to from then on.
func (c *Call) EndDetached(written int64, err error) {
	c.Request = c.goingOn().outer
	c.answer.written = max(c.answer.written, written)
	defer c.end()
	defer func() { // also if a listener ends the goroutine
		if err != nil {
			c.fail(err)
		}
	}()
	RoutingCallFinished.Raise(c.Application(), c)
}
