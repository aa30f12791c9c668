package wire

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// discardLength is how much of a body is read that nobody asks for: as much as
// net/http reads.
const discardLength = 256 << 10

// A body is that of a request whose client is waited for: by whoever reads it,
// or by net/http, which over HTTP/1.1 reads what is left of a body, up to
// 256 KiB, before it sends anything.
type body struct {
	io.ReadCloser
	limits *Limits

	mu        sync.Mutex    // guards what follows, and orders deadlines with the end
	failure   error         // what every later read returns; nil while the body can be read
	deadlines readDeadliner // nil if nothing sets them, and when the exchange is over
	patience  patience
	stands    bool // a deadline that was set here does: others are left alone
	bodyState
}

// bodyState is what has happened to a body.
type bodyState struct {
	delivered bool // a byte of it was read
	answered  bool // the response has begun beside it
	ended     bool // nothing more will be read
}

// limitBody puts the body, if there is one, behind a reader that knows what its
// errors mean, and limits how long its client is waited for if something sets
// deadlines and the server has none of its own for requests. A tunnel has no
// body.
func (w *Wire) limitBody(r *http.Request) {
	if r.ContentLength == 0 || r.Body == nil || r.Method == http.MethodConnect {
		return
	}
	if outer, limited := r.Body.(*body); limited { // by the wire that this one lies inside of
		w.seldom().outer = outer
		return
	}
	deadlines, _ := writeDeadlines(w.server).(readDeadliner)
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 {
		deadlines = nil
	}
	made := &struct { // one allocation
		rare
		body
	}{
		body: body{ReadCloser: r.Body, limits: w.limits, deadlines: deadlines, patience: newPatience(w.limits.Read, w.limits.ReadRate)},
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
		b.patience = newPatience(timeout, b.patience.rate)
	}
}

// SetReadRate replaces [Limits.ReadRate] for the body of this exchange, from the
// next read on; 0 or less sets no limit.
func (w *Wire) SetReadRate(bytes int64) {
	if b := w.body(); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.patience.rate = bytes
	}
}

// requestBody returns the exchange's body, or that of the one which this one
// lies inside of, or nil.
func (w *Wire) requestBody() *body {
	if b := w.body(); b != nil || w.rare == nil {
		return b
	}
	return w.rare.outer
}

// BodyBegun reports whether any of the request's body has been read.
func (w *Wire) BodyBegun() bool {
	b := w.requestBody()
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.delivered
}

// Discard reads what is left of a body, up to 256 KiB: of from, which reads the
// request's, and then of that itself: whoever has closed from, or put it in the
// place of the request's, may have left something. It does so where net/http
// would do it before it sends a head, and like that waits once for the client,
// however the bytes arrive. Elsewhere it does nothing.
func (w *Wire) Discard(from io.Reader) error {
	if w.transport != http1Body {
		return nil
	}
	b := w.requestBody()
	if b == nil {
		return discard(from)
	}
	b.setDiscarding(true)
	defer b.setDiscarding(false)
	if from != io.Reader(b) {
		if err := discard(from); err != nil {
			return err
		}
	}
	return discard(b)
}

// discard reads a body to its end, which is also that of one that was closed.
func discard(from io.Reader) error {
	_, err := io.CopyN(io.Discard, from, discardLength)
	if err == io.EOF || errors.Is(err, http.ErrBodyReadAfterClose) {
		return nil
	}
	return err
}

func (b *body) setDiscarding(discarding bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.patience.final = discarding
}

func (b *body) Read(p []byte) (int, error) {
	began := time.Now()
	if err := b.limitRead(began); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.fail(err)
	}
	b.waited(began, n)
	b.lift(err != nil) // what passes until the next read is the handler's time
	return n, err
}

// fail returns the error of a read that has failed, and of those that follow.
func (b *body) fail(err error) error {
	late := errors.Is(err, os.ErrDeadlineExceeded)
	if b.limits.BodyFailed != nil {
		err = b.limits.BodyFailed(err)
	}
	b.mu.Lock()
	b.failure = err
	b.mu.Unlock()
	if late {
		_ = b.ReadCloser.Close() // or the server would wait for the rest of it
	}
	return err
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
	return b.setDeadline(now)
}

func (b *body) setDeadline(now time.Time) time.Duration {
	if b.deadlines == nil || b.patience.whole <= 0 {
		return 0
	}
	// A connection that is gone fails the read that follows.
	_ = b.deadlines.SetReadDeadline(now.Add(b.patience.left))
	b.stands = true
	return b.patience.left
}

// limitRead is limit for a read, or returns why there is none. A stream in both
// directions may be silent once its response has begun.
func (b *body) limitRead(now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failure == nil && !b.answered {
		b.setDeadline(now)
	}
	return b.failure
}

// answer notes that the response has begun while the body may still be read: a
// read that waits beside it may go on.
func (b *body) answer() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answered = true
	b.patience.left = b.patience.whole // for the end
	b.liftDeadline()
}

// waited notes that n bytes have come for a read that began at a time.
func (b *body) waited(began time.Time, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delivered = b.delivered || n > 0
	if b.deadlines != nil && !b.answered {
		b.patience.spend(time.Since(began), n)
	}
}

// lift takes the deadline away. Ended says that the body has no need of one any
// more.
func (b *body) lift(ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = b.ended || ended
	b.liftDeadline()
}

// liftDeadline is called with mu locked, as is setDeadline.
func (b *body) liftDeadline() {
	if b.deadlines != nil && b.stands {
		_ = b.deadlines.SetReadDeadline(time.Time{})
	}
	b.stands = false
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
	if w.head == headLeft || w.transport != http1Body {
		return 0
	}
	return w.awaitEnd(now)
}

// awaitEnd does the same when the handlers have returned: then net/http reads
// what is left even if the head has left.
func (w *Wire) awaitEnd(now time.Time) time.Duration {
	if b := w.body(); b != nil && w.transport != http2 && !b.isEnded() {
		return b.limit(now)
	}
	return 0
}

// awaited lifts that limit, and notes whether the head has left by now: an
// informational response may come before it. Where net/http has not waited for
// the body, it is read beside the response from then on, and may be silent.
func (w *Wire) awaited(flushed bool) {
	b := w.body()
	if b == nil || w.head == headLeft {
		return
	}
	if w.transport == http1Body {
		b.lift(false)
	}
	if w.head == headGiven && (flushed || w.unflushed > bufferedLength) {
		w.head = headLeft
		if w.transport != http1Body {
			b.answer()
		}
	}
}
