package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// ways are the ways to answer by writing.
func ways(write func(w http.ResponseWriter)) map[string]app.Handler {
	mounted := app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w) }))
	return map[string]app.Handler{
		"writer": func(c *app.Call) error { write(c.Writer()); return nil },
		"stream": func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error { write(w); return nil }))
		},
		"mounted": mounted,
	}
}

// TestWritingCommitsOnce: however a response is written, it is committed once,
// and hooks see as much of it as there is.
func TestWritingCommitsOnce(t *testing.T) {
	t.Parallel()
	const plain = "text/plain; charset=utf-8"
	for name, test := range map[string]struct {
		write  func(w http.ResponseWriter)
		commit string
		length int
	}{
		"small": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hello") },
			"200 " + plain + " length 5, 5 bytes known: true", 5},
		"small, in pieces": {func(w http.ResponseWriter) {
			for range 10 {
				_, _ = w.Write([]byte("hello"))
			}
		}, "200 " + plain + " length 50, 50 bytes known: true", 50},
		"one byte less than is held": {func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.Repeat("x", 511))) },
			"200 " + plain + " length 511, 511 bytes known: true", 511},
		"as much as is held": {func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.Repeat("x", 512))) },
			"200 " + plain + " length -1, 0 bytes known: false", 512},
		"full, in pieces": {func(w http.ResponseWriter) {
			for range 60 {
				_, _ = w.Write([]byte(strings.Repeat("x", 10)))
			}
		}, "200 " + plain + " length -1, 0 bytes known: false", 600},
		"large": {func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.Repeat("x", 1_000_000))) },
			"200 " + plain + " length -1, 0 bytes known: false", 1_000_000},
		"declared length": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "600")
			_, _ = w.Write([]byte(strings.Repeat("x", 600)))
		}, "200 " + plain + " length 600, 0 bytes known: false", 600},
		"flushed early": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "hello")
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "hello")
		}, "200 " + plain + " length -1, 0 bytes known: false", 10},
		"flushed empty": {func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
			"200  length -1, 0 bytes known: false", 0},
		"first status counts": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusCreated)
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, "hello")
			w.WriteHeader(http.StatusGone)
		}, "201 " + plain + " length 5, 5 bytes known: true", 5},
		"writing decides the status": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "hello")
			w.WriteHeader(http.StatusGone)
		}, "200 " + plain + " length 5, 5 bytes known: true", 5},
		"status only":   {func(w http.ResponseWriter) { w.WriteHeader(http.StatusGone) }, "410  length 0, 0 bytes known: true", 0},
		"empty writing": {func(w http.ResponseWriter) { _, _ = w.Write(nil) }, "200  length 0, 0 bytes known: true", 0},
		"sniffed from what is held": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "<!DOC")
			_, _ = io.WriteString(w, "TYPE html>"+strings.Repeat(" ", 600))
		}, "200 text/html; charset=utf-8 length -1, 0 bytes known: false", 615},
		"type of its own": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "a/b")
			_, _ = io.WriteString(w, "<html>")
		}, "200 a/b length 6, 6 bytes known: true", 6},
		"no type wanted": {func(w http.ResponseWriter) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "<html>")
		}, "200  length 6, 6 bytes known: true", 6},
		"no type wanted, stream": {func(w http.ResponseWriter) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte(strings.Repeat("x", 600)))
		}, "200  length -1, 0 bytes known: false", 600},
		"encoded by itself": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b\x08")
		}, "200  length 3, 3 bytes known: true", 3},
	} {
		for way, handler := range ways(test.write) {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				var seen journal
				a := start(t, observing(&seen), answering(handler))
				response := get(t, a, "/")
				assert.Len(t, body(t, response), test.length)
				assert.Equal(t, []string{test.commit}, seen.all())
			})
		}
	}
}

func TestRespondCommitsOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		commit  string
		counted string // the Content-Length that we set
	}{
		"text":       {text("hello"), "200 text/plain; charset=UTF-8 length 5, 5 bytes known: true", ""},
		"empty text": {text(""), "200 text/plain; charset=UTF-8 length 0, 0 bytes known: true", ""},
		"long text":  {text(strings.Repeat("x", 5000)), "200 text/plain; charset=UTF-8 length 5000, 5000 bytes known: true", "5000"},
		"bytes":      {func(c *app.Call) error { return c.RespondBytes([]byte("<html>")) }, "200 text/html; charset=utf-8 length 6, 6 bytes known: true", ""},
		"no bytes":   {func(c *app.Call) error { return c.RespondBytes(nil) }, "200  length 0, 0 bytes known: true", ""},
		"typed text": {func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/csv")
			return c.RespondText("a,b")
		}, "200 text/csv length 3, 3 bytes known: true", ""},
		"status": {func(c *app.Call) error { return c.RespondStatus(http.StatusAccepted) }, "202  length 0, 0 bytes known: true", ""},
		"reader": {func(c *app.Call) error { return c.Respond(strings.NewReader("hello")) }, "200 text/plain; charset=utf-8 length 5, 5 bytes known: true", ""},
		"long reader": {func(c *app.Call) error { return c.Respond(strings.NewReader(strings.Repeat("x", 5000))) },
			"200 text/plain; charset=utf-8 length -1, 0 bytes known: false", ""},
		"text, flushed": {func(c *app.Call) error {
			_ = c.RespondText("hello")
			return http.NewResponseController(c.Writer()).Flush()
		}, "200 text/plain; charset=UTF-8 length 5, 5 bytes known: true", ""},
		"error":  {func(*app.Call) error { return app.NewError(404, "no") }, "404 text/plain; charset=UTF-8 length 2, 2 bytes known: true", ""},
		"silent": {func(*app.Call) error { return nil }, "404  length 0, 0 bytes known: true", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, observing(&seen), func(a *app.Application) {
				routes(a, func(root *branch) { root.handle("", test.handler) })
			})
			response := get(t, a, "/")
			assert.Equal(t, test.counted, response.Header.Get("Content-Length"))
			assert.Equal(t, []string{test.commit}, seen.all())
		})
	}
}

func TestAnsweredAndStatusAndWritten(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		assert.False(t, c.Answered())
		assert.Zero(t, c.Written())
		c.Writer().WriteHeader(http.StatusCreated)
		assert.True(t, c.Answered())
		assert.Equal(t, http.StatusCreated, c.Status())
		_, _ = io.WriteString(c.Writer(), "hello")
		_, _ = io.WriteString(c.Writer(), strings.Repeat("x", 1000))
		assert.EqualValues(t, 1005, c.Written())
		return nil
	}))
	assert.Equal(t, http.StatusCreated, get(t, a, "/").StatusCode)
}

// TestInformationalLeavesAtOnceAndCommitsNothing: 103 leaves at once, as often
// as it is sent, and commits nothing.
func TestInformationalLeavesAtOnceAndCommitsNothing(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2.0": http2} {
		for way, handler := range ways(func(w http.ResponseWriter) {
			w.Header().Set("Link", "</a.css>")
			w.WriteHeader(http.StatusEarlyHints)
			time.Sleep(time.Second)
			w.Header().Set("Link", "</b.css>")
			w.WriteHeader(http.StatusEarlyHints)
			time.Sleep(time.Second)
			w.Header().Del("Link")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "hello")
		}) {
			for _, wrapped := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, wrapped: %v", name, way, wrapped), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						var seen, hints journal
						a := start(t, observing(&seen), answering(handler), func(a *app.Application) {
							if wrapped {
								a.Use(wrappingWriter)
							}
						})
						client := serve(t, a, option)
						ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
							Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
								assert.Empty(t, seen.all(), "nothing is committed")
								hints.add(fmt.Sprint(code, header.Get("Link")))
								return nil
							},
						})
						request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/", nil)
						require.NoError(t, err)
						response, err := client.Do(request)
						require.NoError(t, err)
						assert.Equal(t, http.StatusCreated, response.StatusCode)
						assert.Equal(t, "hello", body(t, response))
						assert.Equal(t, []string{"103</a.css>", "103</b.css>"}, hints.all())
						assert.Len(t, seen.all(), 1)
					})
				})
			}
		}
	}
}

// TestErrorAfterInformational: nothing was committed, so an error is a normal
// answer.
func TestErrorAfterInformational(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := serve(t, start(t, answering(func(c *app.Call) error {
			c.Writer().WriteHeader(http.StatusEarlyHints)
			return app.NewError(http.StatusConflict, "taken")
		})))
		response := fetch(t, client, "/")
		assert.Equal(t, http.StatusConflict, response.StatusCode)
		assert.Equal(t, "taken", body(t, response))
	})
}

func TestWriterAfterAnError(t *testing.T) {
	t.Parallel()
	a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(w, r)
		n, err := io.WriteString(w, "the rest of a page")
		assert.Equal(t, 18, n)
		assert.NoError(t, err, "who closes what was begun need not know")
		assert.NoError(t, http.NewResponseController(w).Flush())
		w.WriteHeader(http.StatusOK)
	})), answering(func(c *app.Call) error {
		_, _ = io.WriteString(c.Writer(), "a page")
		return app.NewError(http.StatusConflict, "taken")
	}))
	response := get(t, a, "/")
	assert.Equal(t, http.StatusConflict, response.StatusCode)
	assert.Equal(t, "taken", body(t, response))
}

func TestHeaderIsTheResponses(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		c.Header().Set("X-Call", "call")
		c.Writer().Header().Set("X-Writer", "writer")
		return c.RespondText("x")
	}))
	recorder := httptest.NewRecorder()
	recorder.Header().Set("X-Server", "server")
	a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.Header{
		"X-Server": {"server"}, "X-Call": {"call"}, "X-Writer": {"writer"}, "Content-Type": {"text/plain; charset=UTF-8"},
	}, recorder.Header())
}
