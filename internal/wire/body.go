package wire

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// A body is that of a request whose client may be silent for a time while it is
// awaited: by whoever reads it, or by net/http, which over HTTP/1.1 reads what
// is left of a body, up to 256 KiB, before it sends anything.
type body struct {
	io.ReadCloser
	limits *Limits
	late   error // the body was not there in time: what every later read returns

	mu        sync.Mutex    // guards what follows, and orders deadlines with the end
	deadlines readDeadliner // nil when the exchange is over
	timeout   time.Duration // 0 or less for none
	ended     bool          // nothing more will be read
}

// limitBody puts the limit on the body, if there is one, something sets
// deadlines, and the server has none of its own for requests. A tunnel has no
// body.
func (w *Wire) limitBody(r *http.Request) {
	if r.ContentLength == 0 || r.Body == nil || r.Method == http.MethodConnect {
		return
	}
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 {
		return
	}
	deadlines, able := writeDeadlines(w.server).(readDeadliner)
	if _, limited := r.Body.(*body); !able || limited { // by the wire that this one lies inside of
		return
	}
	made := &struct { // one allocation
		rare
		body
	}{
		body: body{ReadCloser: r.Body, limits: w.limits, deadlines: deadlines, timeout: w.limits.Read},
	}
	made.rare.body = &made.body
	w.rare, r.Body = &made.rare, &made.body
}

// body returns the body that the wire has put a limit on, or nil.
func (w *Wire) body() *body {
	if w.rare == nil {
		return nil
	}
	return w.rare.body
}

// SetReadTimeout replaces [Limits.Read] for the body of this exchange, from the
// next read on; 0 or less sets no limit.
func (w *Wire) SetReadTimeout(timeout time.Duration) {
	if b := w.body(); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.timeout = timeout
	}
}

func (b *body) Read(p []byte) (int, error) {
	if b.late != nil {
		return 0, b.late
	}
	b.limit(time.Now())
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if b.limits.TooLate != nil {
			err = b.limits.TooLate(err)
		}
		b.late = err
		_ = b.ReadCloser.Close() // or the server would wait for the rest of it
	}
	b.lift(err != nil) // what passes until the next read is the handler's time
	return n, err
}

// Close is limited like a read: over HTTP/1.1 net/http reads what is left of a
// body.
func (b *body) Close() error {
	b.limit(time.Now())
	defer b.lift(true)
	return b.ReadCloser.Close()
}

// limit sets the deadline while the exchange lasts, and returns how far off it
// is, 0 for none. A proxy's goroutine may read or close the body beside the end
// of the exchange and after it, when the server's writer is nobody's any more
// and the connection another request's.
func (b *body) limit(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deadlines == nil || b.timeout <= 0 {
		return 0
	}
	// A connection that is gone fails the read that follows.
	_ = b.deadlines.SetReadDeadline(now.Add(b.timeout))
	return b.timeout
}

// lift takes the deadline away. Ended says that the body has no need of one any
// more.
func (b *body) lift(ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = b.ended || ended
	if b.deadlines != nil {
		_ = b.deadlines.SetReadDeadline(time.Time{})
	}
}

// detach ends the exchange for the body: it sets no deadline any more.
func (b *body) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deadlines = nil
}

func (b *body) isEnded() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

// awaitBody limits how long net/http may wait for the body before it sends the
// head, and returns how long that is: the deadline for what is sent comes after
// it.
func (w *Wire) awaitBody(now time.Time) time.Duration {
	if w.head == headLeft {
		return 0
	}
	return w.awaitEnd(now)
}

// awaitEnd does the same when the handlers have returned: then net/http reads
// what is left even if the head has left.
func (w *Wire) awaitEnd(now time.Time) time.Duration {
	if b := w.body(); b != nil && w.transport == http1Body && !b.isEnded() {
		return b.limit(now)
	}
	return 0
}

// awaited lifts that limit, and notes whether the head has left by now: an
// informational response may come before it.
func (w *Wire) awaited(flushed bool) {
	b := w.body()
	if b == nil || w.transport != http1Body || w.head == headLeft {
		return
	}
	b.lift(false)
	if w.head == headGiven && (flushed || w.unflushed > bufferedLength) {
		w.head = headLeft
	}
}
