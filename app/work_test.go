package app_test

import (
	"context"
	"errors"
	"log/slog"
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

// TestGoOfACallIsWaitedFor: the call waits for what runs beside it, and fails
// with it.
func TestGoOfACallIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		work    func(ctx context.Context) error
		handler app.Handler
		status  int
		after   time.Duration
	}{
		"ends":               {func(context.Context) error { time.Sleep(time.Second); return nil }, text("x"), 200, time.Second},
		"waits for the call": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, text("x"), 200, 0},
		"fails":              {func(context.Context) error { return app.NewError(409, "") }, text("x"), 409, 0},
		"panics":             {func(context.Context) error { panic("out of order") }, text("x"), 500, 0},
		"fails second":       {func(context.Context) error { return app.NewError(409, "") }, func(*app.Call) error { return app.NewError(400, "") }, 400, 0},
	} {
		for _, wrapped := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					a := start(t, func(a *app.Application) {
						if wrapped {
							a.Use(opaque)
						}
					}, answering(func(c *app.Call) error {
						c.Go(test.work)
						return test.handler(c)
					}))
					began := time.Now()
					assert.Equal(t, test.status, get(t, a, "/").StatusCode)
					assert.Equal(t, test.after, time.Since(began))
				})
			})
		}
	}
}

func TestGoOfACallEndsWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		var ended time.Duration
		began := time.Now()
		a := start(t, answering(func(c *app.Call) error {
			c.Go(func(ctx context.Context) error { <-ctx.Done(); ended = time.Since(began); return ctx.Err() })
			<-c.Context().Done()
			return c.Context().Err()
		}))
		assert.True(t, cutsRequest(a, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)))
		assert.Equal(t, time.Second, ended)
	})
}

// TestGoOfAnApplicationEndsBeforeTheStopHooks: Stop ends it when no call is
// left, and waits for it before the stop hooks run.
func TestGoOfAnApplicationEndsBeforeTheStopHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		logs := &logbook{}
		a := app.New(logs.module, func(a *app.Application) {
			a.OnStart(func(context.Context) error {
				a.Go(func(ctx context.Context) error {
					<-ctx.Done()
					assert.ErrorIs(t, context.Cause(ctx), app.ErrStopping)
					time.Sleep(time.Second)
					seen.add("work")
					return ctx.Err()
				})
				return nil
			})
			a.OnStop(lifecycleHook(&seen, "stop"))
		}, answering(func(*app.Call) error { time.Sleep(500 * time.Millisecond); seen.add("call"); return nil }))
		require.NoError(t, a.Start(t.Context()))
		var calls sync.WaitGroup
		calls.Go(func() { get(t, a, "/") })
		synctest.Wait()
		began := time.Now()
		require.NoError(t, a.Stop(t.Context()))
		assert.Equal(t, 1500*time.Millisecond, time.Since(began))
		assert.Equal(t, []string{"call", "work", "stop"}, seen.all())
		assert.Empty(t, logs.at(slog.LevelError))
		calls.Wait()

		want := below()
		a.Go(func(context.Context) error { seen.add("too late"); return nil })
		synctest.Wait()
		assert.Len(t, seen.all(), 3)
		require.Len(t, logs.at(slog.LevelError), 1)
		assert.Equal(t, want, logs.at(slog.LevelError)[0].attributes["site"])
	})
}

func TestGoOfAnApplicationFails(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return errBroken },
		"panic": func(context.Context) error { panic(errBroken) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logs := &logbook{}
				a := start(t, logs.module, answering(text("x")))
				a.Go(work)
				synctest.Wait()
				require.Len(t, logs.at(slog.LevelError), 1)
				assert.Contains(t, logs.at(slog.LevelError)[0].attributes["error"], "broken")
				assert.Equal(t, "x", body(t, get(t, a, "/")), "the application goes on")
			})
		})
	}
}

// TestGoOfAnApplicationThatDoesNotEnd: Stop counts what is left when its time is
// over, and not what has ended.
func TestGoOfAnApplicationThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a := app.New(quiet)
		require.NoError(t, a.Start(t.Context()))
		a.Go(func(context.Context) error { return nil })
		a.Go(func(context.Context) error { <-release; return errors.New("late") })
		began := time.Now()
		err := a.Stop(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "1 pieces of work are still running")
		assert.Equal(t, 5*time.Second, time.Since(began))
		close(release)
	})
}

// TestGoOfALateHookIsWaitedFor: hooks that run after the handlers may start
// work, too, and the call waits for it.
func TestGoOfALateHookIsWaitedFor(t *testing.T) {
	for name, install := range map[string]func(hook func(c *app.Call)) app.Installable{
		"failed": func(hook func(c *app.Call)) app.Installable {
			return onFailed("Late", func(c *app.Call, _ error) error { hook(c); return nil })
		},
		"sent": func(hook func(c *app.Call)) app.Installable { return onSent("Late", hook) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				a := start(t, func(a *app.Application) {
					a.Install(install(func(c *app.Call) {
						c.Go(func(context.Context) error { time.Sleep(time.Second); seen.add("work"); return nil })
					}))
				}, answering(func(*app.Call) error { return app.NewError(http.StatusConflict, "") }))
				assert.Equal(t, http.StatusConflict, get(t, a, "/").StatusCode)
				assert.Equal(t, []string{"work"}, seen.all())
				time.Sleep(time.Hour)
			})
		})
	}
}

// TestWorkOfACallFailedHookEndsWithTheCall, in a fork as well.
func TestWorkOfACallFailedHookEndsWithTheCall(t *testing.T) {
	for name, middleware := range map[string]func(http.Handler) http.Handler{"call": through, "fork": opaque} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := false
				a := start(t, using(middleware), func(a *app.Application) {
					a.Install(onFailed("Working", func(c *app.Call, _ error) error {
						c.Go(func(context.Context) error { time.Sleep(time.Minute); ended = true; return nil })
						return nil
					}))
				}, answering(func(*app.Call) error { return errBroken }))
				get(t, a, "/")
				assert.True(t, ended)
			})
		})
	}
}
