package app_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// stuckWire is a server's writer to a client that takes nothing: a write or
// flush of more than the buffer returns when a deadline has passed.
type stuckWire struct {
	header http.Header
	seen   journal
	began  time.Time
	cutFor time.Duration // how long it takes to set a deadline in the past

	mu      sync.Mutex
	expired *time.Timer
	passed  chan struct{}
}

var errDeadline = errors.New("deadline exceeded")

func newStuckWire() *stuckWire {
	return &stuckWire{header: http.Header{}, began: time.Now(), passed: make(chan struct{})}
}

func (w *stuckWire) Header() http.Header { return w.header }
func (w *stuckWire) WriteHeader(int)     {}

func (w *stuckWire) Write(p []byte) (int, error) {
	if len(p) <= 2048 {
		return len(p), nil
	}
	return 0, w.FlushError()
}

func (w *stuckWire) FlushError() error {
	<-w.passed
	w.seen.add("stuck until " + time.Since(w.began).String())
	return errDeadline
}

func (w *stuckWire) SetWriteDeadline(at time.Time) error {
	if !at.IsZero() && !at.After(time.Now()) {
		time.Sleep(w.cutFor)
		w.seen.add("cut at " + time.Since(w.began).String())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.expired != nil {
		w.expired.Stop()
	}
	if !at.IsZero() {
		passed := w.passed
		w.expired = time.AfterFunc(time.Until(at), sync.OnceFunc(func() { close(passed) }))
	}
	return nil
}

// stuckHandlers are the ways to get stuck.
func stuckHandlers() map[string]app.Handler {
	return map[string]app.Handler{
		"head":   func(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() },
		"write":  func(c *app.Call) error { _, err := c.Writer().Write(make([]byte, 1<<20)); return err },
		"text":   text(string(make([]byte, 100_000))),
		"stream": func(c *app.Call) error { write(c, 1000); return http.NewResponseController(c.Writer()).Flush() },
	}
}

// TestStuckWriteIsCutWithTheCallsContext: a write that is stuck is cut when the
// call's context ends, and not before.
func TestStuckWriteIsCutWithTheCallsContext(t *testing.T) {
	t.Parallel()
	for name, handler := range stuckHandlers() {
		t.Run("client gone, "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := start(t, answering(handler))
				ctx, leave := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, leave)
				w := newStuckWire()
				serveCut(a, w, request(1).WithContext(ctx))
				assert.Equal(t, []string{"cut at 3s", "stuck until 3s"}, w.seen.all())
			})
		})
		t.Run("client gone, without a time-out, "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				unlimited := func(c *app.Call) error {
					c.SetWriteTimeout(0)
					return handler(c)
				}
				a := start(t, answering(unlimited))
				ctx, leave := context.WithCancel(t.Context())
				time.AfterFunc(time.Hour, leave)
				w := newStuckWire()
				serveCut(a, w, request(1).WithContext(ctx))
				assert.Equal(t, []string{"cut at 1h0m0s", "stuck until 1h0m0s"}, w.seen.all())
			})
		})
		t.Run("application stops, "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := app.New(quiet, answering(handler))
				require.NoError(t, a.Start(t.Context()))
				w := newStuckWire()
				var serving sync.WaitGroup
				serving.Go(func() { serveCut(a, w, request(1)) })
				time.Sleep(2 * time.Second)
				began := time.Now()
				require.NoError(t, a.Stop(t.Context()))
				assert.Equal(t, time.Second, time.Since(began), "the grace period, and no time-out")
				serving.Wait()
				assert.Equal(t, []string{"cut at 3s", "stuck until 3s"}, w.seen.all())
			})
		})
		t.Run("nobody ends it, "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newStuckWire()
				serveCut(start(t, answering(handler)), w, request(1))
				assert.Equal(t, []string{"stuck until 30s"}, w.seen.all())
			})
		})
	}
}

// serveCut serves a call that may be cut.
func serveCut(a *app.Application, w http.ResponseWriter, r *http.Request) {
	defer func() { _ = recover() }()
	a.ServeHTTP(w, r)
}

// TestCutEndsWithTheHandler: when the handler has returned, the cut must not
// meet the connection's next request.
func TestCutEndsWithTheHandler(t *testing.T) {
	t.Parallel()
	for name, cutFor := range map[string]time.Duration{"context ends later": 0, "context ends at the same time": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(0)
				ctx, leave := context.WithCancel(t.Context())
				a := start(t, answering(func(c *app.Call) error {
					flush(c)
					if cutFor > 0 {
						leave()
					}
					return nil
				}))
				slow := &slowCut{wire: w, cutFor: cutFor}
				serveCut(a, slow, request(1).WithContext(ctx))
				returned := w.seen.all()
				began := time.Now()
				leave()
				synctest.Wait()
				time.Sleep(time.Hour)
				assert.Equal(t, returned, w.seen.all(), "no deadline is set after ServeHTTP has returned")
				assert.Equal(t, time.Hour, time.Since(began))
				if cutFor > 0 {
					assert.Equal(t, "cut", returned[len(returned)-1], "ServeHTTP waits for a cut that has begun, and renews nothing after it")
				} else {
					assert.Equal(t, "until 30s", returned[len(returned)-1])
				}
			})
		})
	}
}

// slowCut is a wire that takes a while to set a deadline in the past.
type slowCut struct {
	*wire
	cutFor time.Duration
}

func (w *slowCut) SetWriteDeadline(at time.Time) error {
	if !at.IsZero() && at.Before(time.Now()) {
		time.Sleep(w.cutFor)
		w.seen.add("cut")
		return nil
	}
	return w.wire.SetWriteDeadline(at)
}

// TestNoCutForASmallAnswer: what the server buffers cannot get stuck before the
// handler has returned.
func TestNoCutForASmallAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(0)
		ctx, leave := context.WithCancel(t.Context())
		start(t, answering(func(c *app.Call) error { leave(); return c.RespondText("hello") })).
			ServeHTTP(w, request(1).WithContext(ctx))
		assert.Equal(t, []string{"head 200", "write 5", "until 30s"}, w.seen.all())
	})
}

// TestStopWithAStuckClient: the stuck write is cut over a real connection, too.
func TestStopWithAStuckClient(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2.0": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := app.New(quiet, answering(func(c *app.Call) error {
					_, err := c.Writer().Write(make([]byte, 10<<20))
					assert.Error(t, err)
					return err
				}))
				require.NoError(t, a.Start(t.Context()))
				client := serve(t, a, option)
				fetch(t, client, "/") // and read nothing of it
				time.Sleep(time.Second)
				began := time.Now()
				require.NoError(t, a.Stop(t.Context()))
				assert.Equal(t, time.Second, time.Since(began))
			})
		})
	}
}

// TestNothingAfterTheCut: a handler that goes on does not lift or renew the
// deadline that ended its writes.
func TestNothingAfterTheCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(0)
		ctx, leave := context.WithCancel(t.Context())
		a := start(t, answering(func(c *app.Call) error {
			flush(c)
			leave()
			time.Sleep(time.Second)
			write(c, 10)
			flush(c)
			write(c, 1<<20)
			return nil
		}))
		serveCut(a, &slowCut{wire: w}, request(1).WithContext(ctx))
		assert.Equal(t, []string{
			"head 200", "until 30s", "flush", "lift", "cut",
			"write 10", "flush", "write 262144", "write 262144", "write 262144", "write 262144",
		}, w.seen.all())
	})
}
