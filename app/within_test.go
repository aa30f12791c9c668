package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// shoutingWriter is a writer that an interceptor stands between with: each write
// becomes "got: " and what it is.
type shoutingWriter struct {
	http.ResponseWriter
	kept bool // nothing is passed on
}

func (w *shoutingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *shoutingWriter) WriteHeader(status int) {
	if !w.kept {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *shoutingWriter) Write(p []byte) (int, error) {
	if w.kept {
		return len(p), nil
	}
	if _, err := io.WriteString(w.ResponseWriter, "got: "+string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// within runs the handlers inside of a shoutingWriter, and returns what around
// makes of their end.
func within(kept bool, around func(c *app.Call, err error) error) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				w := &shoutingWriter{ResponseWriter: c.Writer(), kept: kept}
				r := c.Request.Clone(c.Context())
				r.Header.Set("X-Within", "yes")
				err := c.RunWithin(w, r, next)
				assert.Empty(testOf(c), c.Request.Header.Get("X-Within"), "the request is the call's again")
				return around(c, err)
			}
		})
	}
}

// testKey holds the test of an application's calls.
var testKey = app.NewKey[*testing.T]("test")

func testOf(c *app.Call) *testing.T {
	t, _ := testKey.Get(c.Application())
	return t
}

func startWithin(t *testing.T, kept bool, around func(c *app.Call, err error) error, handler app.Handler, outer ...func(http.Handler) http.Handler) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		testKey.Set(a, t)
		using(outer...)(a)
		within(kept, around)(a)
		answering(handler)(a)
	})
}

func asItIs(_ *app.Call, err error) error { return err }

func TestWhatRunsWithinWritesThroughTheInterceptorsWriter(t *testing.T) {
	for name, handler := range map[string]app.Handler{
		"respond": func(c *app.Call) error {
			return c.RespondText("hello " + c.Request.Header.Get("X-Within"))
		},
		"write": func(c *app.Call) error {
			_, err := io.WriteString(c.Writer(), "hello "+c.Request.Header.Get("X-Within"))
			return err
		},
		"mounted": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "hello "+r.Header.Get("X-Within"))
		})),
	} {
		for place, outer := range map[string][]func(http.Handler) http.Handler{"": nil, ", in a middleware": {wrappingWriter}} {
			t.Run(name+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := startWithin(t, false, asItIs, handler, outer...)
					response := host.Get("/")
					body, err := io.ReadAll(response.Body)
					require.NoError(t, err)
					assert.Equal(t, http.StatusOK, response.StatusCode)
					assert.Equal(t, "got: hello yes", string(body))
				})
			})
		}
	}
}

// TestTheInterceptorLearnsHowWhatRanWithinHasEnded before it is answered, and what
// its writer has kept is no answer: one of its own is.
func TestTheInterceptorLearnsHowWhatRanWithinHasEnded(t *testing.T) {
	errInner := errors.New("inner")
	for name, end := range map[string]func() error{
		"an error":        func() error { return errInner },
		"a panic":         func() error { panic(errInner) },
		"asked for a cut": func() error { panic(http.ErrAbortHandler) },
	} {
		for place, outer := range map[string][]func(http.Handler) http.Handler{"": nil, ", in a middleware": {wrappingWriter}} {
			t.Run(name+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := startWithin(t, true, func(c *app.Call, err error) error {
						if name == "asked for a cut" {
							assert.ErrorIs(t, err, http.ErrAbortHandler)
						} else {
							assert.ErrorIs(t, err, errInner)
						}
						assert.False(t, c.Answered())
						assert.NoError(t, c.Failure())
						return app.NewError(http.StatusTooManyRequests, "later")
					}, func(c *app.Call) error {
						c.Writer().WriteHeader(http.StatusAccepted)
						_, err := io.WriteString(c.Writer(), "never sent")
						assert.NoError(t, err)
						assert.True(t, c.Answered())
						return end()
					}, outer...)
					response := host.Get("/")
					body, err := io.ReadAll(response.Body)
					require.NoError(t, err)
					assert.Equal(t, http.StatusTooManyRequests, response.StatusCode)
					assert.Equal(t, "later", string(body))
				})
			})
		}
	}
}

// TestWhoeverIsLeftBehindWithinComesTooLate, and does not write in what follows.
func TestWhoeverIsLeftBehindWithinComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left http.ResponseWriter
		host := startWithin(t, false, func(c *app.Call, err error) error {
			_, late := io.WriteString(left, "late")
			assert.ErrorContains(t, late, "the call has ended")
			_, early := io.WriteString(c.Writer(), " and mine")
			return errors.Join(err, early)
		}, func(c *app.Call) error {
			left = c.Writer()
			_, err := io.WriteString(left, "yours")
			return err
		})
		body, err := io.ReadAll(host.Get("/").Body)
		require.NoError(t, err)
		assert.Equal(t, "got: yours and mine", string(body))
	})
}

// forkingWriter is a writer that does not lead back to the call's.
type forkingWriter struct {
	to       http.ResponseWriter
	statuses []int
	text     []byte
}

func (w *forkingWriter) Header() http.Header { return w.to.Header() }

func (w *forkingWriter) WriteHeader(status int) { w.statuses = append(w.statuses, status) }

func (w *forkingWriter) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	return len(p), nil
}

// TestAWriterThatDoesNotLeadBackGetsAFork, which answers its errors itself, and
// whoever runs it may do with the answer what it likes.
func TestAWriterThatDoesNotLeadBackGetsAFork(t *testing.T) {
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		text    string
		failed  bool
		cut     bool
	}{
		"a response": {func(c *app.Call) error { return c.RespondText("hello") }, 200, "hello", false, false},
		"an error":   {func(*app.Call) error { return app.NewError(409, "taken") }, 409, "taken", true, false},
		"a panic":    {func(*app.Call) error { panic("x") }, 500, "Internal Server Error", true, false},
		"a cut":      {func(*app.Call) error { panic(http.ErrAbortHandler) }, 0, "", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
						return func(c *app.Call) error {
							w := &forkingWriter{to: c.Writer()}
							var inner *app.Call
							err := c.RunWithin(w, c.Request, func(c *app.Call) error {
								inner = c
								return next(c)
							})
							assert.NotSame(t, c, inner)
							assert.Equal(t, test.failed, err != nil)
							assert.Equal(t, test.cut, errors.Is(err, http.ErrAbortHandler))
							assert.Equal(t, test.text, string(w.text))
							if test.status != 0 {
								assert.Equal(t, []int{test.status}, w.statuses)
							}
							assert.False(t, c.Answered())
							assert.NoError(t, c.Failure())
							return app.NewError(http.StatusTeapot, "mine")
						}
					})
					answering(test.handler)(a)
				})
				body, err := io.ReadAll(host.Get("/").Body)
				require.NoError(t, err)
				assert.Equal(t, "mine", string(body))
			})
		})
	}
}

// TestAForkThatAbortsWhenItsContextHasEnded is what an interceptor makes of it: it
// has answered, and says that nothing is missing.
func TestAForkThatAbortsWhenItsContextHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failure error
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(onSent("Failure", func(c *app.Call) { failure = c.Failure() }))
			a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					ctx, cancel := context.WithCancel(c.Context())
					cancel()
					require.NoError(t, c.RespondText("whole"))
					assert.ErrorIs(t, c.RunWithin(&forkingWriter{to: c.Writer()}, c.Request.WithContext(ctx), next), http.ErrAbortHandler)
					return nil
				}
			})
			answering(func(*app.Call) error { panic(http.ErrAbortHandler) })(a)
		})
		body, err := io.ReadAll(host.Get("/").Body)
		require.NoError(t, err)
		assert.Equal(t, "whole", string(body))
		assert.NoError(t, failure)
	})
}

// TestTwoGoroutinesShareAWriter: heads, writes and flushes of both, over each
// protocol, and -race sees none that meet.
func TestTwoGoroutinesShareAWriter(t *testing.T) {
	const lines = 100
	overBoth(t, answering(func(c *app.Call) error {
		c.ShareWriter()
		w := c.Writer()
		var writing sync.WaitGroup
		write := func() {
			w.WriteHeader(http.StatusOK)
			for range lines {
				_, err := io.WriteString(w, "line\n")
				assert.NoError(t, err)
				assert.NoError(t, http.NewResponseController(w).Flush())
			}
		}
		writing.Go(write)
		write()
		writing.Wait()
		return nil
	}), func(t *testing.T, client *http.Client) {
		response, err := client.Get("http://localhost/")
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Len(t, body, 2*lines*len("line\n"))
	})
}
