package app_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// recordingWrap puts brackets with its name around what passes, and notes what
// else is asked of it.
type recordingWrap struct {
	next       io.Writer
	name       string
	seen       *journal
	began      bool
	closeError error
}

func (w *recordingWrap) Write(p []byte) (int, error) {
	if !w.began {
		w.began = true
		w.seen.add("write " + w.name)
		if _, err := io.WriteString(w.next, w.name+"("); err != nil {
			return 0, err
		}
	}
	return w.next.Write(p)
}

func (w *recordingWrap) Flush() error { w.seen.add("flush " + w.name); return nil }
func (w *recordingWrap) Abort()       { w.seen.add("abort " + w.name) }

func (w *recordingWrap) Close() error {
	w.seen.add("close " + w.name)
	if w.closeError != nil {
		return w.closeError
	}
	_, err := io.WriteString(w.next, ")")
	return err
}

// wrapping returns a module that wraps bodies in recordingWraps, in the order
// of their names.
func wrapping(seen *journal, names ...string) app.Module {
	return func(a *app.Application) {
		for _, name := range names {
			a.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
				out.Wrap(func(w io.Writer) app.BodyWriter { return &recordingWrap{next: w, name: name, seen: seen} })
				return nil
			})
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for name, test := range map[string]struct {
		handler app.Handler
		text    string
		flushes int
	}{
		"text":      {text("x"), "x", 0},
		"long text": {text(long), long, 0},
		"bytes":     {func(c *app.Call) error { return c.RespondBytes([]byte("x")) }, "x", 0},
		"reader":    {func(c *app.Call) error { return c.Respond(strings.NewReader(long)) }, long, 0},
		"held":      {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "x"); return err }, "x", 0},
		"stream":    {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), long); return err }, long, 0},
		"declared length": {func(c *app.Call) error {
			c.Header().Set("Content-Length", "3000")
			_, err := io.WriteString(c.Writer(), long)
			return err
		}, long, 0},
		"flushed twice": {func(c *app.Call) error {
			control := http.NewResponseController(c.Writer())
			_, _ = io.WriteString(c.Writer(), "x")
			require.NoError(t, control.Flush())
			_, _ = io.WriteString(c.Writer(), "y")
			return control.Flush()
		}, "xy", 2},
		"mounted": {app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader(long))
		})), long, 0},
		"error": {func(*app.Call) error { return app.NewError(404, "no") }, "no", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, wrapping(&seen, "a", "b"), answering(test.handler))
			response := get(t, a, "/")
			assert.Equal(t, "b(a("+test.text+"))", body(t, response), "what is wrapped later stands nearer to the wire")
			assert.Empty(t, response.Header.Get("Content-Length"), "it is not known")
			want := []string{"write a", "write b"}
			for range test.flushes {
				want = append(want, "flush a", "flush b")
			}
			assert.Equal(t, append(want, "close a", "close b"), seen.all())
		})
	}
}

func TestWrapOfACutBodyIsAborted(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"error": func(c *app.Call) error { _, _ = c.Writer().Write(make([]byte, 1000)); return errBroken },
		"panic": func(c *app.Call) error { _, _ = c.Writer().Write(make([]byte, 1000)); panic(errBroken) },
		"abort": func(c *app.Call) error { _, _ = c.Writer().Write(make([]byte, 1000)); return http.ErrAbortHandler },
		"one reader": func(c *app.Call) error {
			return c.Respond(io.MultiReader(strings.NewReader(strings.Repeat("x", 999)), failingReader{errBroken}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			assert.True(t, isCut(start(t, wrapping(&seen, "a", "b"), answering(handler))))
			assert.Equal(t, []string{"write a", "write b", "abort a", "abort b"}, seen.all())
		})
	}
}

func TestWrapThatFailsToClose(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
			out.Wrap(func(w io.Writer) app.BodyWriter {
				return &recordingWrap{next: w, name: "a", seen: &seen, closeError: errors.New("broken")}
			})
			return nil
		})
	}, wrapping(&seen, "b"), answering(text("x")))
	assert.True(t, isCut(a))
	assert.Equal(t, []string{"write a", "write b", "close a", "abort b"}, seen.all())
}

func TestWrapIsNotCalledWithoutABody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method  string
		handler app.Handler
	}{
		"HEAD": {http.MethodHead, text("x")},
		"HEAD stream": {http.MethodHead, func(c *app.Call) error {
			_, err := c.Writer().Write(make([]byte, 1000))
			return err
		}},
		"204": {http.MethodGet, func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) }},
		"304 flush": {http.MethodGet, func(c *app.Call) error {
			c.Writer().WriteHeader(http.StatusNotModified)
			return http.NewResponseController(c.Writer()).Flush()
		}},
		"hook's 304": {http.MethodGet, func(c *app.Call) error {
			c.Header().Set("Want", "304")
			return c.RespondText("x")
		}},
		"hijacked": {http.MethodGet, func(c *app.Call) error {
			_, _, err := http.NewResponseController(c.Writer()).Hijack()
			require.NoError(t, err)
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, func(a *app.Application) {
				a.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
					out.Wrap(func(io.Writer) app.BodyWriter { assert.Fail(t, "wrapped"); return nil })
					if out.Header.Get("Want") == "304" {
						out.Status = http.StatusNotModified
					}
					return nil
				})
			}, answering(test.handler))
			recorder := &hijackRecorder{ResponseRecorder: httptest.NewRecorder()}
			a.ServeHTTP(recorder, httptest.NewRequest(test.method, "/", nil))
			assert.Empty(t, recorder.Body.String())
		})
	}
}
