package app

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/chitor-go/chitor/internal/wire"
)

// setLimits tells the wires of all calls what the configuration says.
func (a *Application) setLimits() {
	a.limits.Write = a.config.WriteTimeout
	a.limits.Read, a.limits.ReadRate = a.config.ReadTimeout, a.config.MinReadRate
	a.limits.BodyFailed = bodyFailure
}

// bodyFailure returns the error of a body that the connection failed to bring:
// 408 if it is late, and else 400, since it breaks off or breaks the rules of
// HTTP. Whoever reads the body gets it.
func bodyFailure(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Error{Status: http.StatusRequestTimeout, Message: "the body did not arrive in time", Err: err}
	}
	return unreadableBody("body", err)
}

// SetWriteTimeout replaces [Config.WriteTimeout] for what this call has not
// written yet; 0 or less sets no deadline. It belongs to the call's goroutine,
// and to nobody while others write. A longer one holds from then on for what
// package engine asks of the connection's network.
func (c *Call) SetWriteTimeout(timeout time.Duration) {
	c.wire.SetWriteTimeout(timeout)
	if connection := wire.ConnectionOf(c.arrived.Context()); connection != nil {
		connection.Allow(timeout)
	}
}

// TakenAt returns when the client is known to have taken some bytes of a write
// that had to wait for it: package engine looks whenever a time-out for writing
// has passed. It tells a client that leaves during a long write from one that
// has stopped reading. It is zero if no write had to wait for so long, over
// HTTP/2, and in other servers, where such a write would have failed. It may be
// called from any goroutine.
func (c *Call) TakenAt() time.Time {
	if connection := wire.ConnectionOf(callContext{c}); connection != nil && !c.wire.IsHTTP2() {
		return connection.TakenAt()
	}
	return time.Time{}
}

// Cut ends a response whose client is not to be waited for any longer: a write
// that is stuck fails at once, as do those that follow, and the connection is
// closed, over HTTP/2 the stream. It is for plugins whose responses last. It may
// be called from any goroutine that has learned, from the one that writes, that
// the response was flushed, and not once the call's handlers have returned.
func (c *Call) Cut() { c.wire.Cut() }

// SetReadTimeout replaces [Config.ReadTimeout] for the body of this call, from
// the next read on; 0 or less sets no limit. It is for requests whose clients
// are silent on purpose before the response begins. It belongs to the call's
// goroutine, and has no effect in a server that has set
// http.Server.ReadTimeout, nor behind a middleware that runs the rest on a
// goroutine of its own, as http.TimeoutHandler does.
func (c *Call) SetReadTimeout(timeout time.Duration) { c.wire.SetReadTimeout(timeout) }

// SetMinReadRate replaces [Config.MinReadRate] for the body of this call, from
// the next read on; 0 or less lets the body come as slowly as its client likes,
// as long as no silence reaches the limit of [Call.SetReadTimeout]. It is for
// requests whose clients send little now and then, such as RPCs with a stream of
// messages. What is said there of goroutines and servers holds here as well.
func (c *Call) SetMinReadRate(bytesPerSecond int64) { c.wire.SetReadRate(bytesPerSecond) }

// DiscardBody reads what is left of the request's body, up to 256 KiB, and
// throws it away, also of one that was closed or replaced. Over HTTP/1.1
// net/http does so before it sends a head, and notices that a client has gone
// only when its body has been read; a response that lasts calls DiscardBody
// first, to learn of a body that is refused. All of it has to arrive within
// [Config.ReadTimeout].
//
// It does nothing over HTTP/2, and after
// [http.ResponseController.EnableFullDuplex]: there the body can be read while
// the response is written. Its errors are those of the body: an [Error] with
// 408 or 400, or an http.MaxBytesError of a middleware that allows less.
func (c *Call) DiscardBody() error {
	body := c.Request.Body
	if body == nil {
		body = http.NoBody
	}
	if err := c.wire.Discard(body); err != nil {
		return fmt.Errorf("discard body: %w", err)
	}
	return nil
}
