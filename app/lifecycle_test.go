package app_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestNewRunsNothing(t *testing.T) {
	t.Parallel()
	var seen journal
	a := app.New(func(*app.Application) { seen.add("module") })
	assert.Nil(t, seen.all())
	assertUnavailable(t, a)
	assert.NoError(t, a.Context().Err())
}

func TestStartOrder(t *testing.T) {
	t.Parallel()
	var seen journal
	type contextKey struct{}
	a := app.New(quiet,
		func(a *app.Application) {
			seen.add("first module")
			a.OnStart(func(ctx context.Context) error {
				seen.add("first hook of " + ctx.Value(contextKey{}).(string))
				assertUnavailable(t, a)
				return nil
			})
			a.OnStop(lifecycleHook(&seen, "first stop"))
			a.OnStopPreparing(func() { seen.add("first preparing") })
			a.SetRouter(func() (app.Router, error) { seen.add("freeze"); return &table{}, nil })
		},
		func(a *app.Application) {
			seen.add("second module")
			a.OnStart(lifecycleHook(&seen, "second hook"))
			a.OnStop(lifecycleHook(&seen, "second stop"))
			a.OnStopPreparing(func() { seen.add("second preparing") })
			func(*app.Application) { seen.add("nested module") }(a)
		},
	)
	require.NoError(t, a.Start(context.WithValue(t.Context(), contextKey{}, "this start")))
	assert.Equal(t, []string{
		"first module", "second module", "nested module", "freeze", "first hook of this start", "second hook",
	}, seen.all())
	assert.Equal(t, http.StatusNotFound, get(t, a, "/").StatusCode)
	assert.NoError(t, a.Context().Err())
	require.EqualError(t, a.Start(t.Context()), "start application: it was started or stopped before")
	assert.Equal(t, http.StatusNotFound, get(t, a, "/").StatusCode, "a second Start changes nothing")

	seen = journal{}
	require.NoError(t, a.Stop(t.Context()))
	assert.Equal(t, []string{"first preparing", "second preparing", "second stop", "first stop"}, seen.all())
	assertUnavailable(t, a)
	require.ErrorIs(t, context.Cause(a.Context()), app.ErrStopping)
	require.EqualError(t, a.Start(t.Context()), "start application: it was started or stopped before")
}

func TestStartHookFails(t *testing.T) {
	t.Parallel()
	var seen journal
	down, stuck, closed := errors.New("database is down"), errors.New("queue is stuck"), errors.New("file is closed")
	a := app.New(quiet, func(a *app.Application) {
		a.OnStop(failing(&seen, "stop 1", stuck))
		a.OnStart(lifecycleHook(&seen, "start 1"))
		a.OnStop(failing(&seen, "stop 2", closed))
		a.OnStart(failing(&seen, "start 2", down))
		a.OnStop(lifecycleHook(&seen, "stop of start 2"))
		a.OnStart(lifecycleHook(&seen, "start 3"))
		a.OnStop(lifecycleHook(&seen, "stop of start 3"))
		a.OnStopPreparing(func() { seen.add("preparing") })
	})
	err := a.Start(t.Context())
	require.ErrorIs(t, err, down)
	require.ErrorIs(t, err, stuck)
	require.ErrorIs(t, err, closed)
	require.ErrorContains(t, err, "start application: database is down")
	assert.Equal(t, []string{"start 1", "start 2", "stop 2", "stop 1"}, seen.all(), "what did not start is not stopped")
	assertUnavailable(t, a)
	require.ErrorIs(t, context.Cause(a.Context()), app.ErrStopping)
	require.NoError(t, a.Stop(t.Context()), "it has stopped")
	assert.Len(t, seen.all(), 4)
}

// TestStopHooksOutliveTheStart: the context of a start that was given up has
// ended, and what was opened must still be closed.
func TestStopHooksOutliveTheStart(t *testing.T) {
	t.Parallel()
	ctx, giveUp := context.WithCancel(t.Context())
	closed := false
	a := app.New(quiet, func(a *app.Application) {
		a.OnStop(func(ctx context.Context) error {
			closed = true
			_, bounded := ctx.Deadline()
			assert.True(t, bounded, "by the shutdown time-out")
			return ctx.Err()
		})
		a.OnStart(func(ctx context.Context) error { giveUp(); return ctx.Err() })
	})
	require.EqualError(t, a.Start(ctx), "start application: context canceled")
	assert.True(t, closed)
}

func TestLifecycleHooksPanic(t *testing.T) {
	t.Parallel()
	var seen journal
	broken := errors.New("broken")
	a := app.New(quiet, func(a *app.Application) {
		a.OnStop(lifecycleHook(&seen, "stop"))
		a.OnStop(func(context.Context) error { panic("on stop") })
		a.OnStart(func(context.Context) error { panic(broken) })
	})
	err := a.Start(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "panic: on stop")
	assert.Equal(t, []string{"stop"}, seen.all(), "a hook that panics does not keep the others from running")

	seen = journal{}
	a = app.New(quiet, func(a *app.Application) {
		a.OnStopPreparing(func() { panic("preparing") })
		a.OnStop(lifecycleHook(&seen, "stop"))
		a.OnStop(func(context.Context) error { panic("on stop") })
	})
	require.NoError(t, a.Start(t.Context()))
	err = a.Stop(t.Context())
	require.ErrorContains(t, err, "panic: on stop")
	require.ErrorContains(t, err, "panic: preparing")
	assert.Equal(t, []string{"stop"}, seen.all())
}

func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	var seen journal
	a := app.New(quiet, func(a *app.Application) { seen.add("module") })
	require.NoError(t, a.Stop(t.Context()))
	require.NoError(t, a.Stop(t.Context()))
	require.Error(t, a.Start(t.Context()))
	assertUnavailable(t, a)
	assert.Nil(t, seen.all())
	require.ErrorIs(t, context.Cause(a.Context()), app.ErrStopping)
}

func TestConfigIsACopyWithDefaults(t *testing.T) {
	t.Parallel()
	a := app.New()
	assert.Same(t, slog.Default(), a.Logger(), "it is never nil")
	config := a.Config()
	assert.Equal(t, 30*time.Second, config.WriteTimeout)
	assert.EqualValues(t, 1<<20, config.BodyLimit)
	assert.EqualValues(t, 50<<20, config.PartLimit)
	assert.Equal(t, time.Second, config.ShutdownGrace)
	assert.Equal(t, 5*time.Second, config.ShutdownTimeout)
	assert.False(t, config.Development)
	config.Development = true
	assert.False(t, a.Config().Development, "it is a copy")
	logs := &logbook{}
	logs.module(a)
	a.Logger().Info("hello")
	assert.Equal(t, []string{"hello"}, logs.messages())
}

// TestStopAfterStartHookThatExits: a start hook may end its goroutine, as
// t.FailNow does. Stop must not wait for ever.
func TestStopAfterStartHookThatExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := app.New(func(a *app.Application) {
			a.OnStart(func(context.Context) error { runtime.Goexit(); return nil })
		})
		done := make(chan struct{})
		go func() { defer close(done); _ = a.Start(context.Background()) }()
		<-done
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, a.Stop(ctx))
	})
}

// TestStopAfterAModuleThatEndedItsGoroutine: a test may fail for good inside a
// module, and its clean-up stops the application.
func TestStopAfterAModuleThatEndedItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := app.New(func(*app.Application) { runtime.Goexit() })
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = a.Start(t.Context())
		}()
		<-ended
		require.NoError(t, a.Stop(t.Context()))
	})
}

// TestWhatEndsItsGoroutineInAFailedStart: a hook or listener may end it, as
// t.FailNow does. Everything else happens once all the same, and Stop returns.
func TestWhatEndsItsGoroutineInAFailedStart(t *testing.T) {
	seen := &journal{}
	exits := func(name string) app.LifecycleHook {
		return func(context.Context) error { seen.add(name); runtime.Goexit(); return nil }
	}
	for name, test := range map[string]struct {
		module app.Module
		seen   []string
	}{
		"a stop hook": {func(a *app.Application) {
			a.OnStop(lifecycleHook(seen, "first"))
			a.OnStop(exits("second"))
			a.OnStop(lifecycleHook(seen, "third"))
		}, []string{"third", "second", "first"}},
		"two stop hooks": {func(a *app.Application) {
			a.OnStop(exits("first"))
			a.OnStop(exits("second"))
		}, []string{"second", "first"}},
		"a listener": {func(a *app.Application) {
			a.OnStop(lifecycleHook(seen, "stop"))
			app.Stopped.Subscribe(a, func(*app.Application) { _ = exits("stopped")(t.Context()) })
		}, []string{"stop", "stopped"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen.entries = nil
			synctest.Test(t, func(t *testing.T) {
				a := app.New(quiet, test.module, func(a *app.Application) {
					a.OnStart(func(context.Context) error { return errBroken })
				})
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					_ = a.Start(t.Context())
				}()
				<-ended
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				assert.NoError(t, a.Stop(ctx))
			})
			assert.Equal(t, test.seen, seen.all())
		})
	}
}

func TestStoppingIsTrueFromThePreparingHooksOn(t *testing.T) {
	t.Parallel()
	var preparing bool
	a := app.New(quiet, func(a *app.Application) { a.OnStopPreparing(func() { preparing = a.Stopping() }) })
	assert.False(t, a.Stopping())
	assert.NoError(t, a.Start(t.Context()))
	assert.False(t, a.Stopping())
	assert.NoError(t, a.Stop(t.Context()))
	assert.True(t, a.Stopping())
	assert.True(t, preparing, "the hooks know already")

	failing := app.New(quiet, func(a *app.Application) { a.Fail(errBroken) })
	assert.Error(t, failing.Start(t.Context()))
	assert.True(t, failing.Stopping())
}
