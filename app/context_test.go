package app_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// servers are the ways to serve an application: with its context as the base of
// all, as package engine does, or not.
func servers(a *app.Application) map[string]func(*http.Server) {
	return map[string]func(*http.Server){
		"foreign server": func(*http.Server) {},
		"own server":     func(s *http.Server) { s.BaseContext = func(net.Listener) context.Context { return a.Context() } },
		"own server, HTTP/2": func(s *http.Server) {
			http2(s)
			s.BaseContext = func(net.Listener) context.Context { return a.Context() }
		},
		"foreign server, HTTP/2": http2,
	}
}

func TestContextEndsWithTheClient(t *testing.T) {
	t.Parallel()
	for name := range servers(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				gone := make(chan time.Time, 1)
				logs := &logbook{}
				a := start(t, logs.module, answering(func(c *app.Call) error {
					flush(c)
					assert.NoError(t, c.Context().Err())
					<-c.Context().Done()
					assert.NotErrorIs(t, context.Cause(c.Context()), app.ErrStopping)
					gone <- time.Now()
					return c.Context().Err()
				}))
				response := fetch(t, serve(t, a, servers(a)[name]), "/")
				time.Sleep(time.Minute)
				require.NoError(t, response.Body.Close())
				assert.Equal(t, time.Now(), <-gone)
				synctest.Wait()
				assert.Empty(t, logs.at(slog.LevelError), "that a client goes is no error")
			})
		})
	}
}

// TestClientGoneBeforeTheAnswerGetsNone: there is nobody to answer.
func TestClientGoneBeforeTheAnswerGetsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		logs := &logbook{}
		a := start(t, logs.module, observing(&seen), answering(func(c *app.Call) error {
			<-c.Context().Done()
			return c.Context().Err()
		}))
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/", nil)
		require.NoError(t, err)
		_, err = serve(t, a).Do(request)
		require.ErrorIs(t, err, context.Canceled)
		synctest.Wait()
		assert.Empty(t, seen.all())
		require.Len(t, logs.all(), 1)
		assert.Equal(t, "DEBUG", logs.all()[0].level.String())
		assert.Equal(t, "the client has gone", logs.all()[0].message)
	})
}

func TestContextEndsWithTheApplication(t *testing.T) {
	t.Parallel()
	for name := range servers(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := app.New(quiet, answering(func(c *app.Call) error {
					<-c.Context().Done()
					assert.ErrorIs(t, context.Cause(c.Context()), app.ErrStopping)
					return c.Context().Err()
				}))
				require.NoError(t, a.Start(t.Context()))
				client := serve(t, a, servers(a)[name])
				var asking sync.WaitGroup
				asking.Go(func() {
					response, err := client.Get("http://test/")
					if assert.NoError(t, err) {
						assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode, "the error of a stopping call says so")
						assert.NoError(t, response.Body.Close())
					}
				})
				synctest.Wait()
				began := time.Now()
				require.NoError(t, a.Stop(t.Context()))
				assert.Equal(t, time.Second, time.Since(began))
				asking.Wait()
			})
		})
	}
}

// TestContextAskedForLateHasEnded: whoever asks for the context after the
// application has ended finds it ended.
func TestContextAskedForLateHasEnded(t *testing.T) {
	t.Parallel()
	for name := range servers(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := app.New(quiet, answering(func(c *app.Call) error {
					time.Sleep(2 * time.Second)
					assert.Equal(t, context.Canceled, c.Context().Err())
					assert.Equal(t, app.ErrStopping, context.Cause(c.Context()))
					return c.RespondText("late")
				}))
				require.NoError(t, a.Start(t.Context()))
				client := serve(t, a, servers(a)[name])
				var asking sync.WaitGroup
				asking.Go(func() {
					response, err := client.Get("http://test/")
					if assert.NoError(t, err) {
						assert.NoError(t, response.Body.Close())
					}
				})
				synctest.Wait()
				require.NoError(t, a.Stop(t.Context()))
				asking.Wait()
			})
		})
	}
}

// TestContextEndsWithTheCall: a goroutine that waits for it is released.
func TestContextEndsWithTheCall(t *testing.T) {
	t.Parallel()
	for name := range servers(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				released := make(chan error, 1)
				a := start(t, answering(func(c *app.Call) error {
					ctx := c.Context()
					waiting := make(chan struct{})
					go func() {
						done := ctx.Done()
						close(waiting)
						<-done
						released <- ctx.Err()
					}()
					<-waiting
					return c.RespondText("hello")
				}))
				assert.Equal(t, "hello", body(t, fetch(t, serve(t, a, servers(a)[name]), "/")))
				require.ErrorIs(t, <-released, context.Canceled)
			})
		})
	}
}

func TestContextCarriesWhatTheServerGave(t *testing.T) {
	t.Parallel()
	type contextKey struct{}
	synctest.Test(t, func(t *testing.T) {
		deadline := time.Now().Add(time.Minute)
		ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), contextKey{}, "value"), deadline)
		defer cancel()
		a := start(t, answering(func(c *app.Call) error {
			got, ok := c.Context().Deadline()
			assert.True(t, ok)
			assert.Equal(t, deadline, got)
			assert.Equal(t, "value", c.Context().Value(contextKey{}))
			assert.Nil(t, c.Context().Value("no such key"))
			derived, cancel := context.WithTimeout(c.Context(), time.Second)
			defer cancel()
			<-derived.Done()
			assert.NoError(t, c.Context().Err())
			<-c.Context().Done()
			assert.Equal(t, "value", c.Context().Value(contextKey{}))
			return c.Context().Err()
		}))
		response := do(t, a, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
		assert.Equal(t, http.StatusGatewayTimeout, response.StatusCode)
		assert.Equal(t, deadline, time.Now())
	})
}

// TestCallKeptTooLongReadsItsOwnData: a goroutine that keeps a call longer than
// it lasts reads its own data, never another request's.
func TestCallKeptTooLongReadsItsOwnData(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var keeping sync.WaitGroup
		a := start(t, func(a *app.Application) {
			routes(a, func(root *branch) {
				for _, path := range []string{"a", "b", "c"} {
					root.handle(path, func(c *app.Call) error {
						nameKey.Set(c, c.PathParam("last"))
						ctx := c.Context()
						keeping.Go(func() {
							time.Sleep(time.Minute) // the call is long over, and others have come
							assert.Equal(t, path, c.PathParam("last"))
							assert.Equal(t, "/"+path, c.Route())
							assert.Equal(t, path, c.QueryParam("path"))
							assert.Equal(t, path, c.Request.Header.Get("X-Path"))
							requireHeld(t, c, nameKey, path)
							found, ok := app.CallFrom(ctx)
							assert.True(t, ok)
							assert.Same(t, c, found)
							assert.Equal(t, &routerContext{"/" + path, "/" + path}, ctx.Value(routerKey{}))
						})
						return c.RespondText(path)
					})
				}
			})
		})
		for range 3 {
			for _, path := range []string{"a", "b", "c"} {
				r := httptest.NewRequest(http.MethodGet, "/"+path+"?path="+path, nil)
				r.Header.Set("X-Path", path)
				assert.Equal(t, path, body(t, do(t, a, r)))
			}
		}
		keeping.Wait()
	})
}

// TestRouterContextIsMadeOnceWhenAskedFor: once for a call, and not for a call
// where nobody asks.
func TestRouterContextIsMadeOnceWhenAskedFor(t *testing.T) {
	t.Parallel()
	var made *table
	a := start(t, func(a *app.Application) {
		made = routes(a, func(root *branch) {
			root.handle("silent", text("nobody asks"))
			root.handle("asks", func(c *app.Call) error {
				var asking sync.WaitGroup
				var found [4]any
				ctx := c.Context()
				for i := range found {
					asking.Go(func() { found[i] = ctx.Value(routerKey{}) })
				}
				asking.Wait()
				for _, one := range found {
					assert.Same(t, found[0], one)
				}
				assert.Same(t, found[0], c.BoundRouter())
				assert.Equal(t, &routerContext{"/asks", "/asks"}, found[0])
				return c.RespondText("x")
			})
			root.handle("binds", func(c *app.Call) error {
				assert.Nil(t, c.BoundRouter())
				c.BindRouter("mine")
				assert.Equal(t, "mine", c.Context().Value(routerKey{}))
				return c.RespondText("x")
			})
		})
	})
	get(t, a, "/silent")
	get(t, a, "/binds")
	assert.Zero(t, made.contexts.Load())
	get(t, a, "/asks")
	assert.LessOrEqual(t, made.contexts.Load(), int32(4), "several may make one, and one is kept")
	a = start(t, answering(func(c *app.Call) error {
		assert.Nil(t, c.Context().Value(routerKey{}), "no router, no context")
		return nil
	}))
	get(t, a, "/")
}

// TestTheContextIsForAnyGoroutine also while the call finds its route: that of a
// middleware's time-out, for instance.
func TestTheContextIsForAnyGoroutine(t *testing.T) {
	var others sync.WaitGroup
	a := start(t, using(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range 8 {
				others.Go(func() {
					ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
					cancel()
					<-ctx.Done()
				})
			}
			next.ServeHTTP(w, r)
		})
	}), func(a *app.Application) {
		a.SetRouter(func() (app.Router, error) {
			endpoint, err := app.NewEndpoint(app.NewScope(a, "/"), "/", text("Hello"))
			return &oneRoute{endpoint}, err
		})
	})
	for range 20 {
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
		assert.Equal(t, "Hello", recorder.Body.String())
		others.Wait()
	}
}
