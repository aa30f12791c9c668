package app_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestWrapsNestInTheirOrder(t *testing.T) {
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
			return c.Respond(io.MultiReader(strings.NewReader(strings.Repeat("x", 999)), iotest.ErrReader(errBroken)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			assert.True(t, cuts(start(t, wrapping(&seen, "a", "b"), answering(handler)), "/"))
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
	assert.True(t, cuts(a, "/"))
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

// shouting is a wrap that is made of a writer which can do more than it.
type shouting struct {
	*bufio.Writer
	next io.Writer
}

func (w shouting) Write(p []byte) (int, error) { return w.next.Write(bytes.ToUpper(p)) }
func (w shouting) Close() error                { return nil }
func (w shouting) Abort()                      {}

// TestWrapIsWrittenToByWriteAlone: what else it happens to have is its own.
func TestWrapIsWrittenToByWriteAlone(t *testing.T) {
	t.Parallel()
	a := start(t, onAfter(func(_ *app.Call, out *app.Outgoing) error {
		out.Wrap(func(w io.Writer) app.BodyWriter { return shouting{bufio.NewWriter(w), w} })
		return nil
	}), answering(text("text")))
	assert.Equal(t, "TEXT", body(t, get(t, a, "/")))
}

// TestWrapThatReturnsNil: the body passes those that return something.
func TestWrapThatReturnsNil(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wraps []string // "" returns nil
		want  string
	}{
		"alone":   {[]string{""}, "x"},
		"twice":   {[]string{"", ""}, "x"},
		"outside": {[]string{"", "a"}, "a(x)"},
		"inside":  {[]string{"a", ""}, "a(x)"},
	} {
		a := start(t, onAfter(func(_ *app.Call, out *app.Outgoing) error {
			for _, wrap := range test.wraps {
				out.Wrap(func(w io.Writer) app.BodyWriter {
					if wrap == "" {
						return nil
					}
					return &recordingWrap{next: w, name: wrap, seen: &journal{}}
				})
			}
			return nil
		}), answering(text("x")))
		assert.Equal(t, test.want, body(t, get(t, a, "/")), name)
	}
}

// TestWrapThatPanics: nothing has left by then, and the error is answered.
func TestWrapThatPanics(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"text":   text("x"),
		"flush":  func(c *app.Call) error { _ = c.RespondText("x"); return flushing(c) },
		"stream": func(c *app.Call) error { _, err := c.Writer().Write(make([]byte, 1000)); return err },
	} {
		a := start(t, onAfter(func(_ *app.Call, out *app.Outgoing) error {
			out.Wrap(func(io.Writer) app.BodyWriter { panic("broken") })
			return nil
		}), answering(handler))
		response := get(t, a, "/")
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode, name)
		assert.Equal(t, "Internal Server Error", body(t, response), name)
	}
}

// panickingWrap panics at its end.
type panickingWrap struct{ recordingWrap }

func (*panickingWrap) Close() error { panic("broken") }
func (*panickingWrap) Abort()       { panic("broken") }

// TestWrapBehindOneThatPanicsIsEnded: it may hold something that others need.
func TestWrapBehindOneThatPanicsIsEnded(t *testing.T) {
	t.Parallel()
	atEnd := func(w io.Writer, seen *journal) app.BodyWriter {
		return &panickingWrap{recordingWrap{next: w, name: "a", seen: seen}}
	}
	for name, test := range map[string]struct {
		wrap    func(w io.Writer, seen *journal) app.BodyWriter
		handler app.Handler
		want    []string
	}{
		"opened": {func(io.Writer, *journal) app.BodyWriter { panic("broken") }, text("x"), []string{"abort b"}},
		"closed": {atEnd, text("x"), []string{"write a", "write b", "abort b"}},
		"aborted": {atEnd, func(c *app.Call) error {
			_, err := c.Writer().Write(make([]byte, 1000))
			return errors.Join(err, errBroken)
		}, []string{"write a", "write b", "abort b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) {
				a.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
					out.Wrap(func(w io.Writer) app.BodyWriter { return test.wrap(w, &seen) })
					return nil
				})
			}, wrapping(&seen, "b"), answering(test.handler))
			assert.Equal(t, name != "opened", cuts(a, "/"), "nothing has left when the wraps are opened")
			assert.Equal(t, test.want, seen.all())
		})
	}
}

// TestWrapOfARespondThatFailsIsForgotten: the next respond begins anew.
func TestWrapOfARespondThatFailsIsForgotten(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			out.Wrap(func(w io.Writer) app.BodyWriter { return &recordingWrap{next: w, name: "a", seen: &journal{}} })
			return nil
		})
	}, answering(func(c *app.Call) error {
		require.Error(t, c.Respond(make(chan int)))
		return c.RespondText("x")
	}))
	assert.Equal(t, "a(x)", body(t, get(t, a, "/")))
}

// A wrap that a hijack comes behind is given up, whether or not it has written:
// the connection has another end then.
func TestWrapOfAHijackedResponseIsAborted(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, wrapping(&seen, "a", "b"), answering(func(c *app.Call) error {
		_, err := io.WriteString(c.Writer(), "x")
		control := http.NewResponseController(c.Writer())
		err = errors.Join(err, control.Flush())
		_, _, hijackErr := control.Hijack()
		return errors.Join(err, hijackErr)
	}))
	a.ServeHTTP(&hijackRecorder{ResponseRecorder: httptest.NewRecorder()}, request(1))
	assert.Equal(t, []string{"write a", "write b", "flush a", "flush b", "abort a", "abort b"}, seen.all())
}
