package app_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// overBoth runs test in a bubble with a client of a real server, once for each
// protocol.
func overBoth(t *testing.T, module app.Module, test func(t *testing.T, client *http.Client)) {
	t.Helper()
	for name, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2.0": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test(t, serve(t, start(t, module), option))
			})
		})
	}
}

// TestQuietStreamStaysOpen: as long as it likes, for a deadline guards bytes on
// their way, never idle time.
func TestQuietStreamStaysOpen(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(c *app.Call){
		"head flushed":     func(c *app.Call) { flush(c) },
		"bytes flushed":    func(c *app.Call) { _, _ = io.WriteString(c.Writer(), "hello\n"); flush(c) },
		"nothing flushed":  func(c *app.Call) { _, _ = io.WriteString(c.Writer(), strings.Repeat("x", 3000)+"\n") },
		"more than a page": func(c *app.Call) { _, _ = io.WriteString(c.Writer(), strings.Repeat("x", 50_000)+"\n"); flush(c) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overBoth(t, answering(func(c *app.Call) error {
				first(c)
				for i := range 3 {
					time.Sleep(100 * time.Second) // ten deadlines
					if _, err := fmt.Fprintln(c.Writer(), "line", i); err != nil {
						return err
					}
					flush(c)
				}
				time.Sleep(100 * time.Second)
				return nil
			}), func(t *testing.T, client *http.Client) {
				began := time.Now()
				for range 2 { // on one connection
					response := fetch(t, client, "/")
					lines := bufio.NewScanner(response.Body)
					for lines.Scan() && lines.Text() != "line 2" {
						assert.NoError(t, lines.Err())
					}
					assert.Equal(t, "line 2", lines.Text())
					assert.False(t, lines.Scan())
					require.NoError(t, lines.Err(), "the stream ends as it should")
				}
				assert.Equal(t, 800*time.Second, time.Since(began))
			})
		})
	}
}

// TestTimeBeforeTheFirstByteDoesNotCount: a deadline guards bytes on their way,
// and there are none yet.
func TestTimeBeforeTheFirstByteDoesNotCount(t *testing.T) {
	t.Parallel()
	overBoth(t, answering(func(c *app.Call) error { time.Sleep(time.Hour); return c.RespondText("hello") }), func(t *testing.T, client *http.Client) {
		assert.Equal(t, "hello", body(t, fetch(t, client, "/")))
	})
}

// slowReader yields a kilobyte a second, and no way to tell it from one that is
// fast.
type slowReader struct{ left int }

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(time.Second)
	n := min(1024, r.left, len(p))
	clear(p[:n])
	r.left -= n
	return n, nil
}

// TestTimeOfASlowReaderDoesNotCount: waiting for the bytes of a reader is idle
// time.
func TestTimeOfASlowReaderDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"Respond": func(c *app.Call) error { return c.Respond(&slowReader{left: 100 << 10}) },
		"io.Copy": func(c *app.Call) error { _, err := io.Copy(c.Writer(), &slowReader{left: 100 << 10}); return err },
		"mounted": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, io.LimitReader(&slowReader{left: 100 << 10}, 1<<20))
		})),
		"set by a hook": func(c *app.Call) error { c.Header().Set("Replace", "it"); return c.RespondText("hello") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(a *app.Application) {
				answering(handler)(a)
				a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
					if out.Header.Get("Replace") != "" {
						out.SetReader(&slowReader{left: 100 << 10}, -1)
					}
					return nil
				})
			}, func(t *testing.T, client *http.Client) {
				began := time.Now()
				assert.Len(t, body(t, fetch(t, client, "/")), 100<<10)
				assert.GreaterOrEqual(t, time.Since(began), 100*time.Second)
			})
		})
	}
}

func TestReverseProxyOfAQuietStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		origin := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 3 {
				_, _ = io.WriteString(w, "data: hello\n\n")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Minute)
			}
		}))
		target, err := url.Parse("http://origin")
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(target)
		proxy.Transport = origin.Transport
		client := serve(t, start(t, answering(app.FromHTTP(proxy))))
		response := fetch(t, client, "/")
		began := time.Now()
		lines := bufio.NewScanner(response.Body)
		for i := range 3 {
			require.True(t, lines.Scan())
			assert.Equal(t, "data: hello", lines.Text())
			require.True(t, lines.Scan())
			assert.Equal(t, time.Duration(i)*time.Minute, time.Since(began))
		}
		assert.False(t, lines.Scan())
		require.NoError(t, lines.Err())
	})
}

// TestSlowButSteadyClientIsServed: it is never cut off, however long the whole
// takes.
func TestSlowButSteadyClientIsServed(t *testing.T) {
	t.Parallel()
	const length = 2 << 20
	for name, handler := range map[string]app.Handler{
		"text":   text(strings.Repeat("x", length)),
		"bytes":  func(c *app.Call) error { return c.RespondBytes(make([]byte, length)) },
		"writer": func(c *app.Call) error { _, err := c.Writer().Write(make([]byte, length)); return err },
		"copied": func(c *app.Call) error {
			_, err := io.Copy(c.Writer(), strings.NewReader(strings.Repeat("x", length)))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overBoth(t, answering(handler), func(t *testing.T, client *http.Client) {
				response := fetch(t, client, "/")
				began := time.Now()
				var got int64
				for {
					n, err := io.CopyN(io.Discard, response.Body, 32<<10)
					got += n
					if err == io.EOF {
						break
					}
					require.NoError(t, err)
					time.Sleep(time.Second)
				}
				assert.EqualValues(t, length, got)
				assert.Equal(t, length/(32<<10)*time.Second, time.Since(began))
			})
		})
	}
}

// TestStuckClientIsCutOff: when a piece has not left in time.
func TestStuckClientIsCutOff(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2.0": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logs := &logbook{}
				a := start(t, logs.module, answering(func(c *app.Call) error {
					began := time.Now()
					_, err := c.Writer().Write(make([]byte, 10<<20))
					assert.Error(t, err)
					assert.Equal(t, 30*time.Second, time.Since(began))
					return err
				}))
				response := fetch(t, serve(t, a, option), "/")
				time.Sleep(time.Minute)
				_, err := io.Copy(io.Discard, response.Body)
				require.Error(t, err)
				require.Len(t, logs.all(), 1)
				assert.Equal(t, slog.LevelDebug, logs.all()[0].level, "the client is to blame, not the server")
			})
		})
	}
}
