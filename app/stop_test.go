package app_test

import (
	"context"
	"errors"
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

func TestStopWithoutCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, _ := running(t, 0, text("x"))
		began := time.Now()
		require.NoError(t, a.Stop(t.Context()))
		assert.Zero(t, time.Since(began))
	})
}

func TestStopWaitsForCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		handler := func(c *app.Call) error {
			time.Sleep(300 * time.Millisecond)
			assert.NoError(t, c.Context().Err(), "the grace period is not over")
			seen.add("call")
			return c.RespondText("done")
		}
		var a *app.Application
		a, calls := running(t, 2, handler, func(a *app.Application) {
			a.OnStopPreparing(func() { seen.add("preparing") })
			a.OnStop(lifecycleHook(&seen, "stop"))
		})
		began := time.Now()
		calls.Go(func() {
			time.Sleep(100 * time.Millisecond)
			assertUnavailable(t, a) // while it stops
		})
		require.NoError(t, a.Stop(t.Context()))
		assert.Equal(t, 300*time.Millisecond, time.Since(began))
		assert.Equal(t, []string{"preparing", "call", "call", "stop"}, seen.all())
		assertUnavailable(t, a)
		calls.Wait()
	})
}

func TestStopEndsContextsAfterTheGrace(t *testing.T) {
	t.Parallel()
	for name, grace := range map[string]time.Duration{"default": time.Second, "configured": 3 * time.Second, "none": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan time.Time, 2)
				a, calls := running(t, 2, func(c *app.Call) error {
					<-c.Context().Done()
					assert.ErrorIs(t, context.Cause(c.Context()), app.ErrStopping)
					ended <- time.Now()
					return c.Context().Err()
				}, func(a *app.Application) {
					if name != "default" {
						a.Configure(func(c *app.Config) { c.ShutdownGrace = grace })
					}
				})
				began := time.Now()
				require.NoError(t, a.Stop(t.Context()))
				assert.Equal(t, grace, time.Since(began))
				calls.Wait()
				assert.Equal(t, grace, (<-ended).Sub(began))
				assert.Equal(t, grace, (<-ended).Sub(began))
			})
		})
	}
}

func TestStopGivesUpOnCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configure func(c *app.Config)
		ctx       time.Duration // how long the context of Stop lasts; 0 for ever
		want      time.Duration
		ended     time.Duration // when the contexts of the calls end
	}{
		"default":                         {func(*app.Config) {}, 0, 5 * time.Second, time.Second},
		"time-out":                        {func(c *app.Config) { c.ShutdownTimeout = 2 * time.Second }, 0, 2 * time.Second, time.Second},
		"time-out shorter than the grace": {func(c *app.Config) { c.ShutdownTimeout = 20 * time.Millisecond }, 0, 20 * time.Millisecond, 20 * time.Millisecond},
		"context":                         {func(*app.Config) {}, 1500 * time.Millisecond, 1500 * time.Millisecond, time.Second},
		"context shorter than the grace":  {func(*app.Config) {}, 50 * time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				release := make(chan struct{})
				broken := errors.New("broken")
				a, calls := running(t, 3, func(*app.Call) error { <-release; return nil }, func(a *app.Application) {
					a.Configure(test.configure)
					a.OnStop(lifecycleHook(&seen, "first"))
					a.OnStop(failing(&seen, "second", broken))
				})
				ctx := t.Context()
				if test.ctx > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.ctx)
					defer cancel()
				}
				began := time.Now()
				ended := make(chan time.Duration, 1)
				context.AfterFunc(a.Context(), func() { ended <- time.Since(began) })
				err := a.Stop(ctx)
				assert.Equal(t, test.want, time.Since(began))
				assert.Equal(t, test.ended, <-ended)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, broken)
				require.ErrorContains(t, err, "stop application: 3 calls still running: ")
				assert.Equal(t, []string{"second", "first"}, seen.all())
				close(release)
				calls.Wait()
			})
		})
	}
}

func TestSecondStopWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		a, calls := running(t, 1, func(c *app.Call) error { <-c.Context().Done(); return nil }, func(a *app.Application) {
			a.OnStop(func(context.Context) error { time.Sleep(time.Second); seen.add("stop"); return errors.New("broken") })
		})
		began := time.Now()
		calls.Go(func() { assert.ErrorContains(t, a.Stop(t.Context()), "broken") })
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		require.EqualError(t, a.Stop(short), "stop application: context deadline exceeded")
		assert.Equal(t, 500*time.Millisecond, time.Since(began))
		require.NoError(t, a.Stop(t.Context()), "what went wrong is the first one's to tell")
		assert.Equal(t, 2*time.Second, time.Since(began))
		require.NoError(t, a.Stop(t.Context()))
		assert.Equal(t, []string{"stop"}, seen.all())
		calls.Wait()
	})
}

func TestStopDuringStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module func(a *app.Application, seen *journal)
		want   []string
	}{
		"in a module": {func(a *app.Application, seen *journal) {
			time.Sleep(time.Second)
			a.OnStart(lifecycleHook(seen, "start"))
			a.OnStop(lifecycleHook(seen, "stop"))
		}, nil},
		"in a start hook": {func(a *app.Application, seen *journal) {
			a.OnStop(lifecycleHook(seen, "stop"))
			a.OnStart(func(context.Context) error { time.Sleep(time.Second); seen.add("start"); return nil })
		}, []string{"start", "stop"}},
		"in a start hook that fails": {func(a *app.Application, seen *journal) {
			a.OnStop(lifecycleHook(seen, "stop"))
			a.OnStart(func(context.Context) error { time.Sleep(time.Second); return app.ErrStopping })
		}, []string{"stop"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				a := app.New(quiet, func(a *app.Application) { test.module(a, &seen) })
				var starting sync.WaitGroup
				began := time.Now()
				starting.Go(func() {
					assert.EqualError(t, a.Start(t.Context()), "start application: application is stopping")
				})
				synctest.Wait()
				require.NoError(t, a.Stop(t.Context()))
				assert.Equal(t, time.Second, time.Since(began), "Stop waits for what Start has begun")
				starting.Wait()
				assert.Equal(t, test.want, seen.all())
				assertUnavailable(t, a)
			})
		})
	}
}

// TestCallsMeetStop: a call that comes while the application stops is either
// served or told 503, and Stop waits for those that are served.
func TestCallsMeetStop(t *testing.T) {
	t.Parallel()
	var served, refused journal
	a := app.New(quiet, answering(func(c *app.Call) error { served.add(""); return c.RespondText("x") }))
	require.NoError(t, a.Start(t.Context()))
	var clients sync.WaitGroup
	begun := make(chan struct{})
	for i := range 8 {
		clients.Go(func() {
			for n := range 200 {
				recorder := httptest.NewRecorder()
				a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
				if recorder.Code == http.StatusServiceUnavailable {
					refused.add("")
				} else {
					assert.Equal(t, http.StatusOK, recorder.Code)
				}
				if i == 0 && n == 20 {
					close(begun)
				}
			}
		})
	}
	<-begun
	require.NoError(t, a.Stop(t.Context()))
	count := len(served.all())
	clients.Wait()
	assert.Len(t, served.all(), count, "nobody is served after Stop has returned")
	assert.Equal(t, 8*200, count+len(refused.all()))
}

// The context of a Stop may be over before it begins, as that of a test is in
// its cleanup. If nothing is left by then, nothing is wrong.
func TestStopOfAnIdleApplicationNeedsNoTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		a := app.New(func(*app.Application) {})
		require.NoError(t, a.Start(t.Context()))
		require.NoError(t, a.Stop(ctx))
	}
}

// TestStopNamesOnlyWhatIsLeft: a call outlives the shutdown time-out, and there
// is no work beside it. Stop must not say that "work of the application is
// still running": when ctx is over, endWork's select takes ctx.Done() before
// the goroutine that waits for nothing has closed done.
func TestStopNamesOnlyWhatIsLeft(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			defer close(release)
			a := app.New(func(a *app.Application) {
				a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
					return func(*app.Call) error { <-release; return nil }
				})
			})
			require.NoError(t, a.Start(t.Context()))
			go a.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			synctest.Wait()
			err := a.Stop(context.Background())
			require.ErrorContains(t, err, "1 calls still running")
			require.NotContains(t, err.Error(), "work of the application")
		})
	}
}
