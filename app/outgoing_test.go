package app_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// replacing returns a module with a hook in the last step.
func replacing(hook func(out *app.Outgoing)) app.Module {
	return func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error { hook(out); return nil })
	}
}

// TestHookReplacesTheBody: whatever was to be sent, by whatever the hook likes.
func TestHookReplacesTheBody(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("y", 3000)
	answers := map[string]app.Handler{
		"text":  text("hello"),
		"held":  func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "hello"); return err },
		"empty": func(c *app.Call) error { return c.RespondStatus(http.StatusOK) },
		"stream": func(c *app.Call) error {
			for range 20 {
				if n, err := io.WriteString(c.Writer(), strings.Repeat("x", 100)); err != nil || n != 100 {
					return errors.New("the handler need not know")
				}
			}
			return http.NewResponseController(c.Writer()).Flush()
		},
		"flushed": func(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() },
		"copied": func(c *app.Call) error {
			n, err := io.Copy(c.Writer(), strings.NewReader(strings.Repeat("x", 100_000)))
			assert.EqualValues(t, 100_000, n)
			return err
		},
		"declared length": func(c *app.Call) error {
			c.Header().Set("Content-Length", "600")
			_, err := io.WriteString(c.Writer(), strings.Repeat("x", 600))
			return err
		},
		"error": func(*app.Call) error { return app.NewError(http.StatusConflict, "taken") },
		"error after a write": func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), "hello")
			return app.NewError(http.StatusConflict, "taken")
		},
		"mounted": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		})),
	}
	replacements := map[string]struct {
		replace func(out *app.Outgoing)
		want    string
	}{
		"text":                     {func(out *app.Outgoing) { out.SetText("bye") }, "bye"},
		"long text":                {func(out *app.Outgoing) { out.SetText(long) }, long},
		"bytes":                    {func(out *app.Outgoing) { out.SetBytes([]byte("bye")) }, "bye"},
		"no bytes":                 {func(out *app.Outgoing) { out.SetBytes(nil) }, ""},
		"reader":                   {func(out *app.Outgoing) { out.SetReader(strings.NewReader("bye"), 3) }, "bye"},
		"long reader":              {func(out *app.Outgoing) { out.SetReader(strings.NewReader(long), 3000) }, long},
		"reader of unknown length": {func(out *app.Outgoing) { out.SetReader(strings.NewReader(long), -1) }, long},
		"twice": {func(out *app.Outgoing) {
			out.SetText("something else")
			out.SetText("bye")
		}, "bye"},
	}
	for answerName, answer := range answers {
		for name, replacement := range replacements {
			for _, wrapped := range []bool{false, true} {
				t.Run(answerName+" by "+name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						a := start(t, replacing(func(out *app.Outgoing) {
							replacement.replace(out)
							out.Header.Set("Content-Type", "a/b")
							out.Status = http.StatusAccepted
						}), answering(answer), func(a *app.Application) {
							if wrapped {
								a.Use(wrappingWriter)
							}
						})
						client := serve(t, a)
						for range 2 {
							response := fetch(t, client, "/")
							assert.Equal(t, http.StatusAccepted, response.StatusCode)
							assert.Equal(t, "a/b", response.Header.Get("Content-Type"))
							assert.Equal(t, replacement.want, body(t, response))
						}
					})
				})
			}
		}
	}
}

// TestHookChangesTheStatus: to one without a body, so that what was to be sent
// is dropped.
func TestHookChangesTheStatus(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"text":   text("hello"),
		"reader": func(c *app.Call) error { return c.Respond(strings.NewReader("hello")) },
		"stream": func(c *app.Call) error {
			for range 100 {
				if _, err := io.WriteString(c.Writer(), strings.Repeat("x", 1000)); err != nil {
					return err
				}
			}
			return http.NewResponseController(c.Writer()).Flush()
		},
		"declared length": func(c *app.Call) error {
			c.Header().Set("Content-Length", "1000")
			_, err := io.WriteString(c.Writer(), strings.Repeat("x", 1000))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := serve(t, start(t, answering(handler), replacing(func(out *app.Outgoing) { out.Status = http.StatusNotModified })))
				for range 2 {
					response := fetch(t, client, "/")
					assert.Equal(t, http.StatusNotModified, response.StatusCode)
					assert.Empty(t, body(t, response))
				}
			})
		})
	}
}

// TestReaderOfAHook: it is read to its end and closed once, and a response that
// it leaves incomplete is cut.
func TestReaderOfAHook(t *testing.T) {
	t.Parallel()
	failingAfter := func(n int) func() io.Reader {
		return func() io.Reader {
			return io.MultiReader(strings.NewReader(strings.Repeat("x", n)), iotest.ErrReader(errBroken))
		}
	}
	short := func() io.Reader { return strings.NewReader("bye") }
	for name, test := range map[string]struct {
		reader func() io.Reader
		length int64
		status int // of the hook
		cut    bool
	}{
		"whole":                    {short, 3, http.StatusOK, false},
		"shorter than it says":     {short, 4, http.StatusOK, true},
		"fails":                    {failingAfter(600), 700, http.StatusOK, true},
		"fails, of unknown length": {failingAfter(600), -1, http.StatusOK, true},
		"fails at once":            {failingAfter(0), -1, http.StatusOK, true},
		"long, fails early":        {failingAfter(1), 5000, http.StatusOK, true},
		"not wanted":               {failingAfter(0), 3, http.StatusNotModified, false},
	} {
		for answerName, answer := range map[string]app.Handler{
			"text":   text("hello"),
			"stream": func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), strings.Repeat("x", 600)); return nil },
			"error":  func(*app.Call) error { return app.NewError(400, "") },
		} {
			t.Run(name+" for a "+answerName, func(t *testing.T) {
				t.Parallel()
				reader := &countingReader{Reader: test.reader()}
				a := start(t, answering(answer), replacing(func(out *app.Outgoing) {
					out.Status = test.status
					out.Header.Set("Content-Type", "a/b")
					out.SetReader(reader, test.length)
				}))
				assert.Equal(t, test.cut, cuts(a, "/"))
				assert.Equal(t, 1, reader.closed)
			})
		}
	}
}

func TestReaderOfAHookIsSniffed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   []string
	}{
		"no type":        {http.Header{}, []string{"text/html; charset=utf-8"}},
		"type":           {http.Header{"Content-Type": {"a/b"}}, []string{"a/b"}},
		"no type wanted": {http.Header{"Content-Type": nil}, nil},
	} {
		reader := &countingReader{Reader: strings.NewReader("<html>" + strings.Repeat(" ", 1000))}
		a := start(t, answering(func(c *app.Call) error { return c.RespondStatus(http.StatusOK) }), replacing(func(out *app.Outgoing) {
			maps.Copy(out.Header, test.header)
			out.SetReader(reader, -1)
		}))
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
		assert.Equal(t, test.want, recorder.Header()["Content-Type"], name)
		assert.Equal(t, 1006, recorder.Body.Len(), name)
		assert.Equal(t, 1, reader.closed, name)
	}
}

// TestReaderThatIsReplaced: it is closed, for nobody else will close it.
func TestReaderThatIsReplaced(t *testing.T) {
	t.Parallel()
	reader := &countingReader{Reader: strings.NewReader("never read")}
	a := start(t, answering(text("hello")), replacing(func(out *app.Outgoing) { out.SetReader(reader, -1) }), replacing(func(out *app.Outgoing) { out.SetText("bye") }))
	assert.Equal(t, "bye", body(t, get(t, a, "/")))
	assert.Equal(t, 1, reader.closed)

	reader = &countingReader{Reader: strings.NewReader("never read")}
	a = start(t, answering(text("hello")), replacing(func(out *app.Outgoing) { out.SetReader(reader, -1) }), func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(*app.Call, *app.Outgoing) error { return errBroken })
	})
	assert.Equal(t, http.StatusInternalServerError, get(t, a, "/").StatusCode)
	assert.Equal(t, 1, reader.closed)
}

// TestTransformHookReplacesTheValue: a hook may replace the value of a respond,
// or turn it into a body.
func TestTransformHookReplacesTheValue(t *testing.T) {
	t.Parallel()
	type name struct{ first, last string }
	for testName, test := range map[string]struct {
		hook func(out *app.Outgoing)
		want string
	}{
		"value by a value":  {func(out *app.Outgoing) { out.Value = out.Value.(name).first }, "Jet"},
		"value by a text":   {func(out *app.Outgoing) { out.SetText(out.Value.(name).last) }, "Brains"},
		"value by bytes":    {func(out *app.Outgoing) { out.SetBytes([]byte("bytes")) }, "bytes"},
		"value by a reader": {func(out *app.Outgoing) { out.SetReader(strings.NewReader("reader"), 6) }, "reader"},
		"value by a stream": {func(out *app.Outgoing) {
			out.Value = app.Stream(func(w http.ResponseWriter) error { _, err := io.WriteString(w, "stream"); return err })
		}, "stream"},
		"value by a wrapped text": {func(out *app.Outgoing) {
			out.SetText("text")
			out.Wrap(func(w io.Writer) app.BodyWriter { return &recordingWrap{next: w, name: "wrap", seen: &journal{}} })
		}, "wrap(text)"},
	} {
		for _, step := range []app.SendStep{app.SendTransform, app.SendRender} {
			for _, wrapped := range []bool{false, true} {
				t.Run(testName, func(t *testing.T) {
					t.Parallel()
					a := start(t, answering(func(c *app.Call) error { return c.Respond(name{"Jet", "Brains"}) }), func(a *app.Application) {
						a.InterceptSend(step, func(_ *app.Call, out *app.Outgoing) error {
							assert.Zero(t, out.Status)
							out.Status = http.StatusCreated
							test.hook(out)
							return nil
						})
						if wrapped {
							a.Use(wrappingWriter)
						}
					})
					response := get(t, a, "/")
					assert.Equal(t, http.StatusCreated, response.StatusCode)
					assert.Equal(t, test.want, body(t, response))
					if length := response.Header.Get("Content-Length"); length != "" {
						assert.Equal(t, strconv.Itoa(len(test.want)), length)
					}
				})
			}
		}
	}
}

// TestRespondClosesItsReader: in every case, so that whoever hands over a
// reader has done with it.
func TestRespondClosesItsReader(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		respond func(c *app.Call, r io.Reader) error
		module  app.Module
	}{
		"read":            {func(c *app.Call, r io.Reader) error { return c.Respond(r) }, func(*app.Application) {}},
		"read, wrapped":   {func(c *app.Call, r io.Reader) error { return c.Respond(r) }, using(wrappingWriter)},
		"no body allowed": {func(c *app.Call, r io.Reader) error { c.SetStatus(204); _ = c.Respond(r); return nil }, func(*app.Application) {}},
		"answered":        {func(c *app.Call, r io.Reader) error { _ = c.RespondText("x"); _ = c.Respond(r); return nil }, func(*app.Application) {}},
		"refused by a hook": {func(c *app.Call, r io.Reader) error { return c.Respond(r) }, func(a *app.Application) {
			a.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
				if _, reads := out.Value.(io.Reader); reads {
					return errBroken
				}
				return nil
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &countingReader{Reader: strings.NewReader(strings.Repeat("x", 1000))}
			a := start(t, test.module, answering(func(c *app.Call) error {
				err := test.respond(c, reader)
				assert.Equal(t, 1, reader.closed, "before Respond returns")
				return err
			}))
			get(t, a, "/")
			assert.Equal(t, 1, reader.closed)
		})
	}
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		reader := &countingReader{Reader: iotest.ErrReader(errBroken)}
		a := start(t, answering(func(c *app.Call) error {
			err := c.Respond(reader)
			require.ErrorIs(t, err, errBroken)
			return err
		}))
		assert.Equal(t, http.StatusInternalServerError, get(t, a, "/").StatusCode)
		assert.Equal(t, 1, reader.closed)
	})
}

// TestReaderOfAHookFailsBeforeTheHead: its type has to be found out first, and
// then it is not too late for a response.
func TestReaderOfAHookFailsBeforeTheHead(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"status": func(c *app.Call) error { return c.RespondStatus(http.StatusOK) },
		"stream": func(c *app.Call) error { c.Writer().Header()["X-Kept"] = []string{"kept"}; flush(c); return nil },
	} {
		reader := &countingReader{Reader: iotest.ErrReader(app.NewError(http.StatusBadGateway, "no source"))}
		response := get(t, start(t, answering(handler), replacing(func(out *app.Outgoing) { out.SetReader(reader, -1) })), "/")
		assert.Equal(t, http.StatusBadGateway, response.StatusCode, name)
		assert.Equal(t, "no source", body(t, response), name)
		assert.Equal(t, 1, reader.closed, name)
	}
}
