package app

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// requestBody is the body of a request whose client may be silent for [Config.ReadTimeout] while it is awaited.
type requestBody struct {
	io.ReadCloser
	deadlines readDeadliner
	timeout   time.Duration
	late      error
	ended     atomic.Bool // nothing more will be read
}

type readDeadliner interface{ SetReadDeadline(time.Time) error }

// guardBody limits how long the client may be silent, if there is a limit, something sets deadlines, and the server has none
// of its own for requests.
func (c *Call) guardBody() {
	timeout := c.app.config.ReadTimeout
	if timeout <= 0 || c.Request.ContentLength == 0 || c.Request.Body == nil {
		return
	}
	if _, guarded := c.Request.Body.(*requestBody); guarded { // of a fork
		return
	}
	if deadlines := c.readDeadlines(); deadlines != nil {
		c.Request.Body = &requestBody{ReadCloser: c.Request.Body, deadlines: deadlines, timeout: timeout}
	}
}

// readDeadlines returns what sets deadlines for reading the body, nil if nothing does or the server has set its own.
func (c *Call) readDeadlines() readDeadliner {
	if server, ok := c.request.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 {
		return nil
	}
	deadlines, _ := c.deadlines().(readDeadliner)
	return deadlines
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.late != nil {
		return 0, b.late
	}
	_ = b.deadlines.SetReadDeadline(time.Now().Add(b.timeout)) // a connection that is gone fails the read that follows
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		b.late = &Error{Status: http.StatusRequestTimeout, Message: "the body did not arrive in time", Err: err}
		_ = b.Close() // or the server would wait for the rest of it before it sends the answer
		err = b.late
	}
	if err != nil {
		b.ended.Store(true)
	}
	_ = b.deadlines.SetReadDeadline(time.Time{}) // what passes until the next read is the handler's time
	return n, err
}

// awaitsBody reports whether net/http may have to wait for the client before it sends anything: over HTTP/1.1 it first reads
// what is left of a body, up to 256 KiB.
func (c *Call) awaitsBody() bool {
	if c.request.ContentLength == 0 || c.request.ProtoMajor != 1 {
		return false
	}
	body, guarded := c.Request.Body.(*requestBody)
	return !guarded || !body.ended.Load()
}

// awaitBody limits that wait, and returns how long it may take: the deadline for what is sent comes after it.
func (c *Call) awaitBody(now time.Time) time.Duration {
	timeout := c.app.config.ReadTimeout
	if timeout <= 0 || !c.awaitsBody() {
		return 0
	}
	deadlines := c.readDeadlines()
	if deadlines == nil {
		return 0
	}
	_ = deadlines.SetReadDeadline(now.Add(timeout))
	return timeout
}

// unawaitBody lifts the limit.
func (c *Call) unawaitBody() {
	if c.app.config.ReadTimeout <= 0 || !c.awaitsBody() {
		return
	}
	if deadlines := c.readDeadlines(); deadlines != nil {
		_ = deadlines.SetReadDeadline(time.Time{})
	}
}
