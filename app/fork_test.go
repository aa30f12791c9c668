package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

func TestForkAnswersAsTheCallWould(t *testing.T) {
	t.Parallel()
	forkings := map[string]func(http.Handler) http.Handler{"time-out": timeout(time.Hour), "opaque": opaque}
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		text    string
	}{
		"text":      {text("x"), 200, "x"},
		"status":    {func(c *app.Call) error { return c.RespondStatus(http.StatusCreated) }, 201, ""},
		"long text": {text(strings.Repeat("x", 5000)), 200, strings.Repeat("x", 5000)},
		"writer":    {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "x"); return err }, 200, "x"},
		"mounted":   {app.FromHTTP(http.NotFoundHandler()), 404, "404 page not found\n"},
		"error":     {func(*app.Call) error { return app.NewError(409, "taken") }, 409, "taken"},
		"panic":     {func(*app.Call) error { panic("out of order") }, 500, "Internal Server Error"},
		"silent":    {func(*app.Call) error { return nil }, 404, ""},
	} {
		for forkingName, forking := range forkings {
			t.Run(name+", "+forkingName, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var seen journal
					a := start(t, func(a *app.Application) {
						a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
							return func(c *app.Call) error {
								err := next(c)
								assert.True(t, c.Answered())
								assert.Equal(t, test.status, c.Status(), "the call outside sees what was copied out")
								return err
							}
						})
						a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
							seen.add("send")
							assert.Equal(t, test.status, out.Status)
							return nil
						})
						a.Install(onFailed("Failed", func(*app.Call, error) error { seen.add("failed"); return nil }))
						a.Install(app.NewPlugin("Sent", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
							b.OnResponseSent(func(*app.Call) { seen.add("sent") })
							return nil
						}))
						a.Use(forking)
						a.Install(tracing(&seen, "inside"))
						routes(a, func(root *branch) { root.handle("", test.handler) })
					})
					response := get(t, a, "/")
					assert.Equal(t, test.status, response.StatusCode)
					assert.Equal(t, test.text, body(t, response))
					want := []string{"call inside", "send", "sent"}
					if name == "error" || name == "panic" {
						want = []string{"call inside", "failed", "send", "sent"}
					}
					assert.ElementsMatch(t, want, seen.all(), "each hook runs once")
				})
			})
		}
	}
}

// TestForkDeclaresItsLength: outside, a body that was copied out is no stream
// of unknown length.
func TestForkDeclaresItsLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 100, 511, 512, 1000, 2047, 2048, 100_000} {
		var seen []int64
		a := start(t, func(a *app.Application) {
			a.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
				seen = append(seen, out.Length())
				return nil
			})
		}, using(opaque), answering(text(strings.Repeat("x", length))))
		assert.Len(t, body(t, get(t, a, "/")), length)
		assert.Equal(t, []int64{int64(length)}, seen)
	}
}

func TestForkHasItsOwnState(t *testing.T) {
	t.Parallel()
	type contextKey struct{}
	a := start(t, func(a *app.Application) {
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				countKey.Set(c, 1)
				nameKey.Set(c, "outside")
				err := next(c)
				requireHeld(t, c, countKey, 1)
				requireHeld(t, c, nameKey, "outside")
				_, ok := otherKey.Get(c)
				assert.False(t, ok, "what the fork has set is its own")
				return err
			}
		})
	}, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r = r.WithContext(context.WithValue(r.Context(), contextKey{}, "of the request"))
		outer, _ := app.CallFrom(r.Context())
		reportKey.Set(outer, new(int))
		next.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})), answering(func(c *app.Call) error {
		requireHeld(t, c, countKey, 1)
		countKey.Set(c, 2)
		otherKey.Set(c, 3)
		nameKey.Delete(c)
		found, ok := app.CallFrom(c.Context())
		assert.True(t, ok)
		assert.Same(t, c, found)
		outer, _ := reportKey.Get(c)
		assert.NotNil(t, outer)
		return c.RespondText(c.Context().Value(contextKey{}).(string))
	}))
	assert.Equal(t, "of the request", body(t, get(t, a, "/")))
}

// TestAbandonedFork: the middleware answers for a rest that goes on, and shares
// nothing with it that changes.
func TestAbandonedFork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		ended := make(chan error, 1)
		a := start(t, func(a *app.Application) {
			a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error { seen.add("send"); return nil })
			a.Use(timeout(time.Second))
			a.Install(tracing(&seen, "inside"))
			routes(a, func(root *branch) {
				root.handle("", func(c *app.Call) error {
					countKey.Set(c, 1)
					c.Header().Set("X-Late", "late")
					c.SetStatus(http.StatusCreated)
					<-c.Context().Done()
					ended <- context.Cause(c.Context())
					time.Sleep(time.Second) // it goes on when the call is over
					countKey.Set(c, 2)
					c.Header().Set("X-Late", "later")
					requireHeld(t, c, countKey, 2)
					_, err := io.WriteString(c.Writer(), strings.Repeat("x", 1000))
					seen.add("late")
					return err
				})
			})
		})
		began := time.Now()
		response := get(t, a, "/")
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, "too late", body(t, response))
		assert.Empty(t, response.Header.Get("X-Late"))
		require.ErrorIs(t, <-ended, context.DeadlineExceeded)
		assert.Equal(t, []string{"call inside", "send"}, seen.all())
		time.Sleep(2 * time.Second)
		assert.Equal(t, []string{"call inside", "send", "late"}, seen.all())
	})
}

// TestForkIsCut: a cut inside reaches the server outside.
func TestForkIsCut(t *testing.T) {
	t.Parallel()
	for name, forking := range map[string]func(http.Handler) http.Handler{"time-out": timeout(time.Hour), "opaque": opaque} {
		for handlerName, handler := range map[string]app.Handler{
			"abort":  func(*app.Call) error { return http.ErrAbortHandler },
			"stream": func(c *app.Call) error { _, _ = c.Writer().Write(make([]byte, 1000)); return errBroken },
		} {
			t.Run(name+", "+handlerName, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					assert.True(t, cuts(start(t, using(forking), answering(handler)), "/"))
				})
			})
		}
	}
}

func TestForkOfAnApplicationThatStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := make(chan error, 1)
		a, calls := running(t, 1, func(c *app.Call) error {
			<-c.Context().Done()
			cause <- context.Cause(c.Context())
			return c.Context().Err()
		}, using(opaque))
		require.NoError(t, a.Stop(t.Context()))
		calls.Wait()
		require.ErrorIs(t, <-cause, app.ErrStopping)
	})
}

func TestForkCannotFlush(t *testing.T) {
	t.Parallel()
	a := start(t, using(opaque), answering(func(c *app.Call) error {
		assert.False(t, c.CanFlush())
		assert.ErrorIs(t, http.NewResponseController(c.Writer()).Flush(), http.ErrNotSupported)
		return nil
	}))
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.False(t, recorder.Flushed)
}

// TestForkThatComesTooLateRunsNothing: what a middleware has left behind finds
// the call over, and runs nothing.
func TestForkThatComesTooLateRunsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		a := start(t, using(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				go func() {
					time.Sleep(time.Second)
					next.ServeHTTP(struct{ http.ResponseWriter }{httptest.NewRecorder()}, r)
					seen.add("returned")
				}()
				w.WriteHeader(http.StatusAccepted)
			})
		}), func(a *app.Application) {
			a.Install(tracing(&seen, "inside"))
			routes(a, func(root *branch) { root.handle("", func(*app.Call) error { seen.add("handler"); return nil }) })
		})
		assert.Equal(t, http.StatusAccepted, get(t, a, "/").StatusCode)
		assert.Equal(t, []string{"call inside"}, seen.all(), "the hooks run for the answered call")
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"call inside", "returned"}, seen.all())
	})
}

// TestForkIsNotTriedAgainTooLate: what has run the rest once, and is left
// behind, runs nothing of an application that may have stopped.
func TestForkIsNotTriedAgainTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		a := app.New(quiet, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			first := make(chan struct{})
			go func() {
				next.ServeHTTP(httptest.NewRecorder(), r)
				close(first)
				time.Sleep(time.Second)
				next.ServeHTTP(httptest.NewRecorder(), r)
				seen.add("returned")
			}()
			<-first
			w.WriteHeader(http.StatusAccepted)
		})), answering(func(c *app.Call) error { seen.add("handler"); return c.RespondText("x") }))
		require.NoError(t, a.Start(t.Context()))
		assert.Equal(t, http.StatusAccepted, get(t, a, "/").StatusCode)
		require.NoError(t, a.Stop(t.Context()))
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"handler", "returned"}, seen.all())
	})
}

// TestForkMayBeTriedAgain: a middleware may try the rest again, into another
// buffer.
func TestForkMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		for {
			buffer := httptest.NewRecorder()
			next.ServeHTTP(buffer, r)
			if buffer.Code < 500 {
				w.WriteHeader(buffer.Code)
				_, _ = buffer.Body.WriteTo(w)
				return
			}
		}
	})), answering(func(c *app.Call) error {
		seen.add("try")
		if len(seen.all()) < 3 {
			return errBroken
		}
		return c.RespondText("at last")
	}))
	assert.Equal(t, "at last", body(t, get(t, a, "/")))
	assert.Len(t, seen.all(), 3)
}

// TestInterceptorsSeeTheErrorOfAFork, as they see that of a call.
func TestInterceptorsSeeTheErrorOfAFork(t *testing.T) {
	for name, around := range map[string]func(http.Handler) http.Handler{
		"inside": wrappingWriter, "fork": opaque, "time-out": timeout(time.Hour),
		"fork of one writer in another": func(next http.Handler) http.Handler { return opaque(opaque(next)) },
	} {
		t.Run(name, func(t *testing.T) {
			var seen, failure error
			a := start(t, func(a *app.Application) {
				a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
					return func(c *app.Call) error {
						seen = next(c)
						failure = c.Failure()
						return seen
					}
				})
			}, using(around), answering(func(*app.Call) error { return errBroken }))
			assert.Equal(t, http.StatusInternalServerError, get(t, a, "/").StatusCode)
			assert.ErrorIs(t, seen, errBroken)
			assert.ErrorIs(t, failure, errBroken)
		})
	}
}

// TestStopWaitsForAnAbandonedHandler: http.TimeoutHandler has answered in its
// place and gone on, but it still uses what the stop hooks close.
func TestStopWaitsForAnAbandonedHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		a := app.New(quiet, using(timeout(time.Second)), answering(func(*app.Call) error {
			time.Sleep(1500 * time.Millisecond)
			seen.add("handler")
			return nil
		}), func(a *app.Application) { a.OnStop(lifecycleHook(&seen, "stop")) })
		require.NoError(t, a.Start(t.Context()))
		assert.Equal(t, http.StatusServiceUnavailable, get(t, a, "/").StatusCode)
		began := time.Now()
		require.NoError(t, a.Stop(t.Context()))
		assert.Equal(t, []string{"handler", "stop"}, seen.all())
		assert.Equal(t, 500*time.Millisecond, time.Since(began))
	})
}

// lateWriter is that of a middleware which has answered by itself.
type lateWriter struct{ header http.Header }

func (w lateWriter) Header() http.Header       { return w.header }
func (w lateWriter) WriteHeader(int)           {}
func (w lateWriter) Write([]byte) (int, error) { return 0, http.ErrHandlerTimeout }

// The rest may end before the middleware that has given up on it returns.
func TestForkThatIsGivenUpCutsNoAnswer(t *testing.T) {
	for name, answer := range map[string]app.Handler{
		"nothing":             func(*app.Call) error { return nil },
		"the context's error": func(c *app.Call) error { return c.Context().Err() },
		"another error":       func(*app.Call) error { return errors.New("too late") },
		"text":                func(c *app.Call) error { return c.RespondText("too late") },
		"a body that is too short": func(c *app.Call) error {
			c.Header().Set("Content-Length", "9")
			_, err := io.WriteString(c.Writer(), "x")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						ctx, cancel := context.WithDeadline(r.Context(), time.Unix(0, 0))
						defer cancel()
						next.ServeHTTP(lateWriter{http.Header{}}, r.WithContext(ctx))
						w.WriteHeader(http.StatusServiceUnavailable)
					})
				})
				a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return answer })
			})
			require.Equal(t, http.StatusServiceUnavailable, host.Get("/").StatusCode)
		})
	}
}
