package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// wire is a server's writer that notes what it is asked to do, and takes its
// time over each write.
type wire struct {
	header http.Header
	seen   *journal
	began  time.Time
	each   time.Duration
}

func newWire(each time.Duration) *wire {
	return &wire{header: http.Header{}, seen: &journal{}, began: time.Now(), each: each}
}

func (w *wire) Header() http.Header    { return w.header }
func (w *wire) WriteHeader(status int) { w.seen.add(fmt.Sprint("head ", status)) }

func (w *wire) Write(p []byte) (int, error) {
	w.seen.add(fmt.Sprint("write ", len(p)))
	time.Sleep(w.each)
	return len(p), nil
}

func (w *wire) FlushError() error {
	w.seen.add("flush")
	time.Sleep(w.each)
	return nil
}

func (w *wire) SetWriteDeadline(at time.Time) error {
	if at.IsZero() {
		w.seen.add("lift")
	} else {
		w.seen.add("until " + at.Sub(w.began).String())
	}
	return nil
}

// copyingWire is a wire that copies by itself.
type copyingWire struct{ *wire }

func (w copyingWire) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(io.Discard, r)
	w.seen.add(fmt.Sprint("copy ", n))
	time.Sleep(w.each)
	return n, err
}

func TestEachWriteHasADeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		each    time.Duration // that a write or a flush takes
		http1   []string
		http2   []string // nil if it is the same
	}{
		"small text": { // it does not reach the network before the server's own flush
			text("hello"), time.Second,
			[]string{"head 200", "write 5", "until 31s"}, nil,
		},
		"text": {
			text(strings.Repeat("x", 3000)), time.Second,
			[]string{"head 200", "until 30s", "write 3000", "until 31s"},
			[]string{"head 200", "until 30s", "write 3000", "lift", "until 31s"},
		},
		"long text goes in pieces": {
			text(strings.Repeat("x", 600<<10)), 6 * time.Second,
			[]string{
				"head 200", "until 30s", "write 262144", "until 36s", "write 262144", "until 42s", "write 90112", "until 48s",
			},
			[]string{
				"head 200", "until 30s", "write 262144", "lift", "until 36s", "write 262144", "lift",
				"until 42s", "write 90112", "lift", "until 48s",
			},
		},
		"bytes": {
			func(c *app.Call) error { return c.RespondBytes(make([]byte, 300<<10)) }, time.Second,
			[]string{"head 200", "until 30s", "write 262144", "until 31s", "write 45056", "until 32s"},
			[]string{"head 200", "until 30s", "write 262144", "lift", "until 31s", "write 45056", "lift", "until 32s"},
		},
		"status": {
			func(c *app.Call) error { return c.RespondStatus(http.StatusAccepted) }, time.Second,
			[]string{"head 202", "until 30s"}, nil,
		},
		"flushes": {
			func(c *app.Call) error {
				flush(c)
				time.Sleep(time.Minute) // idle time is nobody's fault
				write(c, 10)
				flush(c)
				time.Sleep(time.Minute)
				return nil
			}, time.Second,
			[]string{
				"head 200", "until 30s", "flush", "lift",
				"write 10", "until 1m32s", "flush", "lift", "until 2m33s",
			}, nil,
		},
		"many writes without a flush": { // renewed after a quarter of the time
			func(c *app.Call) error {
				for range 5 {
					write(c, 1000)
				}
				return nil
			}, time.Second,
			[]string{
				"head 200", "write 1000", "write 1000", "until 32s", "write 1000", "write 1000", "write 1000", "until 35s",
			},
			[]string{
				"head 200", "write 1000", "write 1000", "until 32s", "write 1000", "lift", "until 33s", "write 1000", "lift",
				"until 34s", "write 1000", "lift", "until 35s",
			},
		},
		"a deadline that stands is renewed in time": {
			func(c *app.Call) error {
				write(c, 3000)
				time.Sleep(2400 * time.Millisecond)
				write(c, 10)
				time.Sleep(time.Minute)
				write(c, 10)
				return nil
			}, 0,
			[]string{"head 200", "until 30s", "write 3000", "write 10", "until 1m32.4s", "write 10", "until 1m32.4s"},
			[]string{
				"head 200", "until 30s", "write 3000", "lift", "until 32.4s", "write 10", "lift",
				"until 1m32.4s", "write 10", "lift", "until 1m32.4s",
			},
		},
		"early hints": {
			func(c *app.Call) error { c.Writer().WriteHeader(http.StatusEarlyHints); return c.RespondText("x") }, time.Second,
			[]string{"until 30s", "head 103", "lift", "head 200", "write 1", "until 31s"}, nil,
		},
		"error after a flush": {
			func(c *app.Call) error { flush(c); return errBroken }, time.Second,
			[]string{"head 200", "until 30s", "flush", "lift", "until 31s"}, nil,
		},
	} {
		for protocol, want := range map[int][]string{1: test.http1, 2: test.http2} {
			if want == nil {
				want = test.http1
			}
			t.Run(fmt.Sprintf("%s, HTTP/%d", name, protocol), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWire(test.each)
					a := start(t, answering(test.handler))
					func() {
						defer func() { _ = recover() }()
						a.ServeHTTP(w, request(protocol))
					}()
					assert.Equal(t, want, w.seen.all())
				})
			})
		}
	}
}

func TestDeadlinesOfACopiedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(path, make([]byte, 600<<10), 0o600))
	for name, test := range map[string]struct {
		handler func(c *app.Call, file *os.File) error
		want    []string
	}{
		"io.Copy": {func(c *app.Call, file *os.File) error {
			_, err := io.Copy(c.Writer(), file)
			return err
		}, []string{
			"head 200", "write 512", "until 36s", "copy 262144", "until 42s", "copy 262144",
			"until 48s", "copy 89600", "until 54s",
		}},
		"Respond": {func(c *app.Call, file *os.File) error { return c.Respond(file) }, []string{
			"head 200", "write 512", "until 36s", "copy 262144", "until 42s", "copy 262144",
			"until 48s", "copy 89600", "until 54s",
		}},
		"http.ServeContent": {func(c *app.Call, file *os.File) error {
			http.ServeContent(c.Writer(), c.Request, "large", time.Time{}, file)
			return nil
		}, []string{
			"head 200", "write 512", "until 36s", "copy 262144", "until 42s", "copy 262144",
			"until 48s", "copy 89600", "until 54s",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				file, err := os.Open(path)
				require.NoError(t, err)
				defer file.Close()
				w := copyingWire{newWire(6 * time.Second)}
				start(t, answering(func(c *app.Call) error { return test.handler(c, file) })).ServeHTTP(w, request(1))
				assert.Equal(t, test.want, w.seen.all())
			})
		})
	}
}

// TestNoDeadlineWhereNoneIsWantedOrPossible: none are set if none are wanted,
// or nothing can set them.
func TestNoDeadlineWhereNoneIsWantedOrPossible(t *testing.T) {
	t.Parallel()
	handler := func(c *app.Call) error {
		write(c, 3000)
		flush(c)
		write(c, 1<<20)
		return nil
	}
	t.Run("not wanted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWire(time.Minute)
			start(t, answering(handler), func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.WriteTimeout = 0 })
			}).ServeHTTP(w, request(1))
			assert.Equal(t, []string{
				"head 200", "write 3000", "flush", "write 262144", "write 262144", "write 262144", "write 262144",
			}, w.seen.all())
		})
	})
	t.Run("not possible", func(t *testing.T) {
		t.Parallel()
		assert.Len(t, body(t, get(t, start(t, answering(handler)), "/")), 3000+1<<20)
	})
}

func TestDeadlineIsConfigured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(0)
		start(t, answering(text("hello")), func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.WriteTimeout = time.Minute })
		}).ServeHTTP(w, request(1))
		assert.Equal(t, []string{"head 200", "write 5", "until 1m0s"}, w.seen.all())
	})
}

// TestCallMayHaveAWriteTimeoutOfItsOwn: a call may have a time-out of its own.
func TestCallMayHaveAWriteTimeoutOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		timeout time.Duration
		seen    []string
	}{
		{"shorter", time.Second, []string{"head 200", "write 5", "until 1s", "flush", "lift", "until 1s"}},
		{"none", 0, []string{"head 200", "write 5", "flush"}},
		{"negative", -time.Second, []string{"head 200", "write 5", "flush"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire(0)
				start(t, answering(func(call *app.Call) error {
					call.SetWriteTimeout(c.timeout)
					write(call, 5)
					flush(call)
					return nil
				})).ServeHTTP(w, request(1))
				assert.Equal(t, c.seen, w.seen.all())
			})
		})
	}
}

// TestDeadlinesPastWrappers: a server's writer that somebody has wrapped is
// found.
func TestDeadlinesPastWrappers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(0)
		start(t, answering(text("hello"))).ServeHTTP(unwrappingWriter{unwrappingWriter{w}}, request(1))
		assert.Equal(t, []string{"head 200", "write 5", "until 30s"}, w.seen.all())
	})
}

// TestOtherServersDoNotKnowWhenBytesWereTaken: a write that had to wait for
// longer than a time-out has failed there.
func TestOtherServersDoNotKnowWhenBytesWereTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start(t, answering(func(c *app.Call) error {
			write(c, 3000)
			assert.Zero(t, c.TakenAt())
			return nil
		})).ServeHTTP(newWire(time.Second), request(1))
	})
}
