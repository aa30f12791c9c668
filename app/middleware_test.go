package app_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestMiddlewareRewritesBeforeRouting(t *testing.T) {
	t.Parallel()
	a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r = r.Clone(r.Context())
		r.URL.Path, r.Method = "/new", http.MethodPut
		next.ServeHTTP(w, r)
	})), func(a *app.Application) {
		routes(a, func(root *branch) {
			root.Use(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				assert.Equal(t, "/new", r.URL.Path, "the middlewares of the root are the application's")
				next.ServeHTTP(w, r)
			}))
			root.handle("new", func(c *app.Call) error { return c.RespondText(c.Request.Method + " " + c.Request.URL.Path) })
		})
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				err := next(c)
				assert.Equal(t, "/old", c.Request.URL.Path, "outside, the request is what it was")
				assert.Equal(t, "/new", c.Route())
				assert.Equal(t, "new", c.PathParam("last"), "what the route has captured stays readable")
				assert.Equal(t, "/old", c.Arrived().URL.Path)
				return err
			}
		})
	})
	assert.Equal(t, "PUT /new", body(t, get(t, a, "/old")))
}

func TestMiddlewareChangesTheContext(t *testing.T) {
	t.Parallel()
	type contextKey struct{}
	a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, "from the middleware")))
	})), func(a *app.Application) {
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				err := next(c)
				assert.Nil(t, c.Context().Value(contextKey{}))
				return err
			}
		})
	}, answering(func(c *app.Call) error {
		found, ok := app.CallFrom(c.Context())
		assert.True(t, ok)
		assert.Same(t, c, found)
		return c.RespondText(c.Context().Value(contextKey{}).(string))
	}))
	assert.Equal(t, "from the middleware", body(t, get(t, a, "/")))
}

func TestMiddlewareReachesTheCall(t *testing.T) {
	t.Parallel()
	a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		c, ok := app.CallFrom(r.Context())
		assert.True(t, ok)
		countKey.Set(c, 7)
		next.ServeHTTP(w, r)
		assert.Equal(t, http.StatusCreated, c.Status())
	})), answering(func(c *app.Call) error {
		requireHeld(t, c, countKey, 7)
		return c.RespondStatus(http.StatusCreated)
	}))
	assert.Equal(t, http.StatusCreated, get(t, a, "/").StatusCode)
	_, ok := app.CallFrom(t.Context())
	assert.False(t, ok)
}

// TestMiddlewareAnswers: hooks that come later still run, further middlewares
// and handlers do not.
func TestMiddlewareAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		status int
		text   string
	}{
		"with a body":      {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "go away", http.StatusForbidden) }, 403, "go away\n"},
		"with a status":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, 304, ""},
		"with a long body": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 5000)) }, 200, strings.Repeat("x", 5000)},
		"not at all":       {func(http.ResponseWriter, *http.Request) {}, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) {
				a.Install(tracing(&seen, "before"))
				a.Use(noting(&seen, "first"), func(http.Handler) http.Handler { return test.answer }, noting(&seen, "too late"))
				a.Install(tracing(&seen, "after"))
				a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
					assert.Equal(t, test.status, out.Status)
					seen.add("send")
					return nil
				})
				a.Intercept(app.PhaseFallback, note(&seen, "fallback"))
				routes(a, func(root *branch) {
					root.Install(tracing(&seen, "of a route"))
					root.handle("", func(*app.Call) error { seen.add("handler"); return nil })
				})
			})
			response := get(t, a, "/")
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, body(t, response))
			if len(test.text) > 1000 { // such a response is committed as it is written
				assert.Equal(t, []string{"call before", "first", "send", "call after"}, seen.all())
			} else {
				assert.Equal(t, []string{"call before", "first", "call after", "send"}, seen.all())
			}
		})
	}
}

// TestMiddlewareAddsBytes: what comes after the handler's response belongs to
// the body, also after a long text.
func TestMiddlewareAddsBytes(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(c *app.Call, text string) error{
		"text":   func(c *app.Call, text string) error { return c.RespondText(text) },
		"bytes":  func(c *app.Call, text string) error { return c.RespondBytes([]byte(text)) },
		"writer": func(c *app.Call, text string) error { _, err := io.WriteString(c.Writer(), text); return err },
	} {
		for size, length := range map[string]int{"short": 10, "held": 500, "stream": 600, "counted": 3000} {
			t.Run(name+", "+size, func(t *testing.T) {
				t.Parallel()
				long := strings.Repeat("x", length)
				var lengths []int64
				a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					next.ServeHTTP(w, r)
					_, err := io.WriteString(w, ">")
					assert.NoError(t, err)
				})), answering(func(c *app.Call) error { return answer(c, long) }), func(a *app.Application) {
					a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
						lengths = append(lengths, out.Length())
						return nil
					})
				})
				response := get(t, a, "/")
				assert.Equal(t, long+">", body(t, response))
				assert.Empty(t, response.Header.Get("Content-Length"))
				require.Len(t, lengths, 1)
				assert.Contains(t, []int64{-1, int64(length) + 1}, lengths[0], "a hook never sees a part as the whole")
			})
		}
	}
}

func TestMiddlewareWrapsTheWriter(t *testing.T) {
	t.Parallel()
	var seen journal
	upper := middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		upperCase := &upperWriter{ResponseWriter: w}
		next.ServeHTTP(upperCase, r)
		assert.Equal(t, http.StatusCreated, upperCase.status)
	})
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
			data, whole := out.Bytes()
			assert.True(t, whole)
			seen.add(string(data))
			return nil
		})
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				outside := c.Writer()
				err := next(c)
				same := outside == c.Writer()
				assert.True(t, same, "outside, the writer is what it was")
				return err
			}
		})
	}, using(upper, upper), answering(func(c *app.Call) error {
		c.SetStatus(http.StatusCreated)
		return c.RespondText("hello")
	}))
	response := get(t, a, "/")
	assert.Equal(t, "HELLO", body(t, response))
	assert.Equal(t, http.StatusCreated, response.StatusCode)
	assert.Equal(t, []string{"HELLO"}, seen.all(), "the hooks run once, on what leaves the middlewares")
}

// upperWriter is a middleware's writer that changes the body.
type upperWriter struct {
	http.ResponseWriter
	status int
}

func (w *upperWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *upperWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *upperWriter) Write(p []byte) (int, error) {
	return w.ResponseWriter.Write([]byte(strings.ToUpper(string(p))))
}

// TestStatusThatWasSetCountsWithoutAnother: a status that was set counts for a
// response without one of its own, also through a middleware's writer. A
// net/http handler keeps net/http's rules.
func TestStatusThatWasSetCountsWithoutAnother(t *testing.T) {
	t.Parallel()
	answers := map[string]struct {
		handler app.Handler
		want    int
	}{
		"text":    {text("x"), 202},
		"writer":  {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "x"); return err }, 202},
		"flush":   {func(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() }, 202},
		"silence": {func(*app.Call) error { return nil }, 202},
		"stream": {func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error { _, err := io.WriteString(w, "x"); return err }))
		}, 202},
		"own status":      {func(c *app.Call) error { c.Writer().WriteHeader(http.StatusTeapot); return nil }, 418},
		"mounted":         {app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") })), 200},
		"mounted, silent": {app.FromHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})), 200},
	}
	for name, test := range answers {
		for _, wrapped := range []bool{false, true} {
			t.Run(map[bool]string{false: name, true: name + ", wrapped"}[wrapped], func(t *testing.T) {
				t.Parallel()
				a := start(t, func(a *app.Application) {
					if wrapped {
						a.Use(wrappingWriter)
					}
				}, answering(func(c *app.Call) error {
					c.SetStatus(http.StatusAccepted)
					assert.Equal(t, http.StatusAccepted, c.Status())
					return test.handler(c)
				}))
				assert.Equal(t, test.want, get(t, a, "/").StatusCode)
			})
		}
	}
}

func TestStatusThatIsNoneIsAServerError(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"respond 42":     func(c *app.Call) error { return c.RespondStatus(42) },
		"respond 1000":   func(c *app.Call) error { return c.RespondStatus(1000) },
		"respond 103":    func(c *app.Call) error { return c.RespondStatus(http.StatusEarlyHints) },
		"set 42":         func(c *app.Call) error { c.SetStatus(42); return c.RespondText("x") },
		"set 42, silent": func(c *app.Call) error { c.SetStatus(42); return nil },
		"write 42":       func(c *app.Call) error { c.Writer().WriteHeader(42); return nil },
		"write 1000":     func(c *app.Call) error { c.Writer().WriteHeader(1000); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := get(t, start(t, answering(handler)), "/")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "Internal Server Error", body(t, response))
		})
	}
}

// TestMiddlewareWithAForeignContext: what does not pass the request's context
// on has lost the call.
func TestMiddlewareWithAForeignContext(t *testing.T) {
	t.Parallel()
	a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(w, r.WithContext(context.WithoutCancel(t.Context())))
	})), answering(text("x")))
	assert.Equal(t, http.StatusInternalServerError, get(t, a, "/").StatusCode)
}
