package app

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// requestBody is the body of a request whose client may be silent for a time while it is awaited: by who reads it, or by
// net/http, which over HTTP/1.1 reads what is left of a body, up to 256 KiB, before it sends anything.
type requestBody struct {
	io.ReadCloser
	http1    bool
	headLeft bool // net/http has sent it, and waits for the body no more; the call's, as guard and unguard are
	late     error

	mu        sync.Mutex    // guards what follows, and orders deadlines with the end of the call
	deadlines readDeadliner // nil when the call has ended
	timeout   time.Duration // 0 or less for none
	ended     bool          // nothing more will be read
}

type readDeadliner interface{ SetReadDeadline(time.Time) error }

// guardBody puts the limit on the body, if there is one, something sets deadlines, and the server has none of its own for
// requests. A tunnel has no body.
func (c *Call) guardBody() {
	r := c.Request
	if r.ContentLength == 0 || r.Body == nil || r.Method == http.MethodConnect {
		return
	}
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 {
		return
	}
	deadlines, ok := c.deadlines().(readDeadliner)
	if _, outer := r.Body.(*requestBody); !ok || outer { // of the call that this one is a fork of
		return
	}
	made := &struct { // one allocation
		rare
		requestBody
	}{
		requestBody: requestBody{ReadCloser: r.Body, http1: r.ProtoMajor == 1, deadlines: deadlines, timeout: c.app.config.ReadTimeout},
	}
	made.body = &made.requestBody
	c.rare, r.Body = &made.rare, made.body
}

// body returns the body that the call has put a limit on, or nil.
func (c *Call) body() *requestBody {
	if c.rare == nil {
		return nil
	}
	return c.rare.body
}

// SetReadTimeout replaces [Config.ReadTimeout] for the body of this call, from the next read on; 0 or less sets no limit. It is
// for requests whose clients are silent on purpose, such as streams in both directions. It belongs to the call's
// goroutine, and has no effect in a server that has set http.Server.ReadTimeout, nor behind a middleware that runs the
// rest on a goroutine of its own, as http.TimeoutHandler does.
func (c *Call) SetReadTimeout(timeout time.Duration) {
	if b := c.body(); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.timeout = timeout
	}
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.late != nil {
		return 0, b.late
	}
	b.limit(time.Now())
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		b.late = &Error{Status: http.StatusRequestTimeout, Message: "the body did not arrive in time", Err: err}
		_ = b.ReadCloser.Close() // or the server would wait for the rest of it before it sends the answer
		err = b.late
	}
	b.lift(err != nil) // what passes until the next read is the handler's time
	return n, err
}

// Close is limited like a read: over HTTP/1.1 net/http reads what is left of a body.
func (b *requestBody) Close() error {
	b.limit(time.Now())
	defer b.lift(true)
	return b.ReadCloser.Close()
}

// limit sets the deadline while the call lasts, and returns how far off it is, 0 for none. A proxy's goroutine may read or
// close the body beside the end of the call and after it, when the server's writer is nobody's any more and the connection
// another request's.
func (b *requestBody) limit(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deadlines == nil || b.timeout <= 0 {
		return 0
	}
	_ = b.deadlines.SetReadDeadline(now.Add(b.timeout)) // a connection that is gone fails the read that follows
	return b.timeout
}

// lift takes the deadline away. Ended says that the body has no need of one any more.
func (b *requestBody) lift(ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = b.ended || ended
	if b.deadlines != nil {
		_ = b.deadlines.SetReadDeadline(time.Time{})
	}
}

// awaitBody limits how long net/http may wait for the body before it sends the head, and returns how long that is: the
// deadline for what is sent comes after it.
func (c *Call) awaitBody(now time.Time) time.Duration {
	if b := c.body(); b != nil && !b.headLeft {
		return c.awaitEnd(now)
	}
	return 0
}

// awaitEnd does the same when the handlers have returned: then net/http reads what is left even if the head has left.
func (c *Call) awaitEnd(now time.Time) time.Duration {
	if b := c.body(); b != nil && b.http1 && !b.isEnded() {
		return b.limit(now)
	}
	return 0
}

func (b *requestBody) isEnded() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

// awaited lifts that limit, and notes whether the head has left by now: an informational answer may come before it.
func (c *Call) awaited(flushed bool) {
	if b := c.body(); b != nil && b.http1 && !b.headLeft {
		b.lift(false)
		b.headLeft = c.committed && (flushed || c.unflushed > bufferedLength)
	}
}

// endBody takes the deadlines from the body, before the server's writer goes.
func (c *Call) endBody() {
	if b := c.body(); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.deadlines = nil
	}
}
