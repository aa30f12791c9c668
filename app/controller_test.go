package app_test

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// hijackRecorder is a recorder whose connection can be taken.
type hijackRecorder struct{ *httptest.ResponseRecorder }

func (w *hijackRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	ours, theirs := net.Pipe()
	return ours, bufio.NewReadWriter(bufio.NewReader(ours), bufio.NewWriter(ours)), theirs.Close()
}

// controls returns handlers that are given the writer in each way there is,
// directly and through a middleware's writer.
func controls(t *testing.T, use func(w http.ResponseWriter)) map[string]app.Module {
	t.Helper()
	modules := map[string]app.Module{}
	for way, handler := range ways(use) {
		modules[way] = answering(handler)
		modules[way+", wrapped"] = func(a *app.Application) {
			a.Use(wrappingWriter, wrappingWriter)
			answering(handler)(a)
		}
	}
	modules["middleware"] = using(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { use(w) })
	})
	return modules
}

// controlled is a server's writer that notes what a controller asks of it.
type controlled struct {
	http.ResponseWriter
	seen *journal
}

func (w controlled) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w controlled) FlushError() error           { w.seen.add("flush"); return errBroken }
func (w controlled) SetReadDeadline(at time.Time) error {
	w.seen.add("read " + at.Format(time.DateOnly))
	return errBroken
}
func (w controlled) EnableFullDuplex() error             { w.seen.add("duplex"); return errBroken }
func (w controlled) SetWriteDeadline(at time.Time) error { return nil }
func (w controlled) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.seen.add("hijack")
	return nil, nil, errBroken
}

func TestControllerReachesTheServersWriter(t *testing.T) {
	t.Parallel()
	var seen journal
	for name, module := range controls(t, func(w http.ResponseWriter) {
		control := http.NewResponseController(w)
		assert.ErrorIs(t, control.SetReadDeadline(time.Unix(0, 0).UTC()), errBroken)
		assert.ErrorIs(t, control.EnableFullDuplex(), errBroken)
		_, _, err := control.Hijack()
		assert.ErrorIs(t, err, errBroken)
		assert.ErrorIs(t, control.Flush(), errBroken)
	}) {
		seen = journal{}
		start(t, module).ServeHTTP(controlled{httptest.NewRecorder(), &seen}, request(1))
		assert.Equal(t, []string{"read 1970-01-01", "duplex", "hijack", "flush"}, seen.all(), name)
	}
}

func TestControllerOfALesserServer(t *testing.T) {
	t.Parallel()
	for name, module := range controls(t, func(w http.ResponseWriter) {
		control := http.NewResponseController(w)
		assert.ErrorIs(t, control.SetReadDeadline(time.Now()), errors.ErrUnsupported)
		_, _, err := control.Hijack()
		assert.ErrorIs(t, err, errors.ErrUnsupported)
		assert.ErrorIs(t, control.Flush(), errors.ErrUnsupported)
	}) {
		recorder := httptest.NewRecorder()
		start(t, module).ServeHTTP(struct{ http.ResponseWriter }{recorder}, request(1))
		assert.Equal(t, http.StatusOK, recorder.Code, name)
	}
}

func TestFlushCommits(t *testing.T) {
	t.Parallel()
	for name, module := range controls(t, func(w http.ResponseWriter) {
		_, _ = io.WriteString(w, "hello")
		assert.NoError(t, http.NewResponseController(w).Flush())
		w.Header().Set("X-Late", "late")
		w.WriteHeader(http.StatusConflict)
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			recorder := httptest.NewRecorder()
			start(t, module, observing(&seen)).ServeHTTP(recorder, request(1))
			assert.True(t, recorder.Flushed)
			assert.Equal(t, http.StatusOK, recorder.Result().StatusCode)
			assert.Empty(t, recorder.Result().Header.Get("X-Late"))
			assert.Equal(t, []string{"200 text/plain; charset=utf-8 length -1, 0 bytes known: false"}, seen.all())
		})
	}
}

// TestWriterIsAFlusherAndAHijacker: handlers that know no controller assert
// http.Flusher and http.Hijacker.
func TestWriterIsAFlusherAndAHijacker(t *testing.T) {
	t.Parallel()
	recorder := &hijackRecorder{httptest.NewRecorder()}
	start(t, answering(app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		conn, _, err := w.(http.Hijacker).Hijack()
		assert.NoError(t, err)
		assert.NoError(t, conn.Close())
	})))).ServeHTTP(recorder, request(1))
	assert.True(t, recorder.Flushed)
}

func TestCanFlush(t *testing.T) {
	t.Parallel()
	blind := middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) })
	for name, test := range map[string]struct {
		server  http.ResponseWriter
		modules []app.Module
		want    bool
	}{
		"server that can":               {httptest.NewRecorder(), nil, true},
		"server that cannot":            {struct{ http.ResponseWriter }{httptest.NewRecorder()}, nil, false},
		"through middlewares":           {httptest.NewRecorder(), []app.Module{using(wrappingWriter, blind)}, true},
		"through middlewares, cannot":   {struct{ http.ResponseWriter }{httptest.NewRecorder()}, []app.Module{using(wrappingWriter)}, false},
		"writer that does not unwrap":   {httptest.NewRecorder(), []app.Module{using(opaque)}, false},
		"server that can say it failed": {controlled{httptest.NewRecorder(), &journal{}}, nil, true},
		"wrapped server, which unwraps": {unwrappingWriter{httptest.NewRecorder()}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, append(test.modules, answering(func(c *app.Call) error {
				assert.Equal(t, test.want, c.CanFlush())
				return c.RespondText("x")
			}))...)
			a.ServeHTTP(test.server, request(1))
		})
	}
}

// TestHijackAnswersTheCallAndSkipsTheHooks: whoever takes the connection has
// answered, and the hooks of a response do not run.
func TestHijackAnswersTheCallAndSkipsTheHooks(t *testing.T) {
	t.Parallel()
	for name, module := range controls(t, func(w http.ResponseWriter) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		_, err = io.WriteString(w, "hello")
		assert.ErrorIs(t, err, http.ErrHijacked)
		assert.ErrorIs(t, http.NewResponseController(w).Flush(), http.ErrHijacked)
		w.WriteHeader(http.StatusConflict)
		_, _ = buffered.WriteString("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nhi")
		assert.NoError(t, buffered.Flush())
		assert.NoError(t, conn.Close())
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				logs := &logbook{}
				client := serve(t, start(t, logs.module, module, observing(&seen), func(a *app.Application) {
					a.Install(app.NewPlugin("Sent", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
						b.OnResponseSent(func(c *app.Call) {
							assert.True(t, c.Answered())
							seen.add("sent")
						})
						return nil
					}))
				}))
				response := fetch(t, client, "/")
				assert.Equal(t, http.StatusAccepted, response.StatusCode)
				assert.Equal(t, "hi", body(t, response))
				synctest.Wait() // the client has its response before the handler has returned
				assert.Equal(t, []string{"sent"}, seen.all())
				assert.Empty(t, logs.all())
			})
		})
	}
}

func TestErrorAfterHijack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs := &logbook{}
		a := start(t, logs.module, answering(func(c *app.Call) error {
			conn, _, err := http.NewResponseController(c.Writer()).Hijack()
			require.NoError(t, err)
			_ = conn.Close()
			assert.ErrorIs(t, c.RespondText("too late"), app.ErrAnswered)
			return errBroken
		}))
		_, err := serve(t, a).Get("http://test/")
		require.Error(t, err)
		synctest.Wait()
		require.Len(t, logs.at(slog.LevelError), 1)
		assert.Equal(t, "broken", logs.at(slog.LevelError)[0].attributes["error"])
		assert.Equal(t, "ERROR", logs.at(slog.LevelError)[0].level.String(), "nobody else can tell of it")
	})
}

// TestFullDuplexReadsAfterTheResponseHasBegun: with a real server, the
// request's body can be read after the response has begun.
func TestFullDuplexReadsAfterTheResponseHasBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := serve(t, start(t, answering(func(c *app.Call) error {
			assert.NoError(t, http.NewResponseController(c.Writer()).EnableFullDuplex())
			flush(c)
			_, err := io.Copy(c.Writer(), c.Request.Body)
			return err
		})))
		reader, writer := io.Pipe()
		response, err := client.Post("http://test/", "text/plain", reader)
		require.NoError(t, err)
		_, err = io.WriteString(writer, "hello")
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		assert.Equal(t, "hello", body(t, response))
	})
}
