package app_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// A foreign hook is a place in a start or a stop where code of the application
// runs: attach has it run code there.
type foreignHook struct {
	attach func(a *app.Application, code func() error)
	// named is how the error of a stop names it; the line follows.
	named string
	// silent says that code there returns nothing that is an error.
	silent bool
}

func stopHooks() map[string]foreignHook {
	return map[string]foreignHook{
		"stop hook": {func(a *app.Application, code func() error) {
			a.OnStop(func(context.Context) error { return code() })
		}, "the stop hook at app/foreign_lifecycle_test.go:", false},
		"stop hook of a plugin": {func(a *app.Application, code func() error) {
			a.Install(hooked("Pool", func(b *app.PluginBuilder[struct{}]) {
				b.OnStop(func(context.Context) error { return code() })
			}))
		}, "the stop hook of Pool, installed at app/foreign_lifecycle_test.go:", false},
		"stop-preparing hook": {func(a *app.Application, code func() error) {
			a.OnStopPreparing(func() { _ = code() })
		}, "the stop-preparing hook at app/foreign_lifecycle_test.go:", true},
		"listener of Stopping": {func(a *app.Application, code func() error) {
			app.Stopping.Subscribe(a, func(*app.Application) { _ = code() })
		}, "the listener of Stopping at app/foreign_lifecycle_test.go:", true},
		"listener of Stopped": {func(a *app.Application, code func() error) {
			app.Stopped.Subscribe(a, func(*app.Application) { _ = code() })
		}, "the listener of Stopped at app/foreign_lifecycle_test.go:", true},
	}
}

// everyStep returns a module that notes each step of a stop.
func everyStep(seen *journal) app.Module {
	return func(a *app.Application) {
		a.OnStopPreparing(func() { seen.add("preparing") })
		app.Stopping.Subscribe(a, func(*app.Application) { seen.add("stopping") })
		a.OnStop(lifecycleHook(seen, "stop"))
		app.Stopped.Subscribe(a, func(*app.Application) { seen.add("stopped") })
	}
}

// TestStopGoesOnBehindAHookThatDoesNotReturn: ShutdownTimeout bounds a stop as
// a whole. What has not returned by then is left behind and named, and the
// others run.
func TestStopGoesOnBehindAHookThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	for name, hook := range stopHooks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				release := make(chan struct{})
				defer close(release)
				hang := func(a *app.Application) { hook.attach(a, func() error { <-release; return nil }) }
				a := app.New(quiet, everyStep(&seen), hang, everyStep(&seen))
				require.NoError(t, a.Start(t.Context()))
				began := time.Now()
				err := a.Stop(t.Context())
				assert.Equal(t, 5*time.Second+100*time.Millisecond, time.Since(began))
				require.ErrorContains(t, err, hook.named)
				require.ErrorContains(t, err, " has not returned: context deadline exceeded")
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, []string{"preparing", "preparing", "stopping", "stopping", "stop", "stop", "stopped", "stopped"}, seen.all())
			})
		})
	}
}

// TestStopGoesOnBehindAHookThatEndsBadly: whatever a hook ends with, the others
// run, and Stop says what has happened.
func TestStopGoesOnBehindAHookThatEndsBadly(t *testing.T) {
	t.Parallel()
	for name, hook := range stopHooks() {
		for _, ending := range badEndings() {
			if ending.returns && hook.silent {
				continue
			}
			t.Run(name+" "+ending.name, func(t *testing.T) {
				t.Parallel()
				var seen journal
				logs := &logbook{}
				end := func(a *app.Application) { hook.attach(a, ending.end) }
				a := app.New(logs.module, everyStep(&seen), end, everyStep(&seen))
				require.NoError(t, a.Start(t.Context()))
				require.ErrorContains(t, a.Stop(t.Context()), hook.named)
				for _, logged := range logs.all() {
					assert.Contains(t, logged.message, hook.named)
					assert.NotEmpty(t, logged.attributes["stack"], "which is all that the log adds")
				}
				assert.Equal(t, []string{"preparing", "preparing", "stopping", "stopping", "stop", "stop", "stopped", "stopped"}, seen.all())
			})
		}
	}
}

// TestAStartThatEndsBadlyIsUndone: whatever the application's code does while it
// starts, what has started is stopped, and the start's error or the log says
// what has happened.
func TestAStartThatEndsBadlyIsUndone(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]foreignHook{
		"module": {func(_ *app.Application, code func() error) { _ = code() }, "module: panic: ", true},
		"configuration function": {func(a *app.Application, code func() error) {
			a.Configure(func(*app.Config) { _ = code() })
		}, "module: panic: ", true},
		"configuration function of a plugin": {func(a *app.Application, code func() error) {
			a.Install(hooked("Pool", func(*app.PluginBuilder[struct{}]) {}).With(func(*struct{}) { _ = code() }))
		}, "module: panic: ", true},
		"setup of a plugin": {func(a *app.Application, code func() error) {
			a.Install(app.NewPlugin("Pool", func() int { return 0 }, func(*app.PluginBuilder[int]) error { return code() }))
		}, "", false},
		"modules-loaded hook": {func(a *app.Application, code func() error) { a.OnModulesLoaded(code) }, "", false},
		"interceptor that is put together": {func(a *app.Application, code func() error) {
			a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler { _ = code(); return next })
		}, "", true},
		"start hook": {func(a *app.Application, code func() error) {
			a.OnStart(func(context.Context) error { return code() })
		}, "start application: ", false},
	} {
		for _, ending := range badEndings() {
			if ending.returns && hook.silent {
				continue
			}
			t.Run(name+" "+ending.name, func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				a := app.New(logs.module, func(a *app.Application) { hook.attach(a, ending.end) })
				done := make(chan struct{})
				var err error
				go func() { // which may end
					defer close(done)
					err = a.Start(context.WithoutCancel(t.Context()))
				}()
				<-done
				if ending.name == exits {
					assert.Equal(t, []string{"the start was ended"}, logs.messages())
				} else {
					require.ErrorContains(t, err, hook.named)
				}
				if hook.named == "module: panic: " {
					require.Len(t, logs.all(), 1)
					assert.Contains(t, logs.all()[0].attributes["stack"], "badEndings", "where it panicked")
				}
				assertUnavailable(t, a)
				require.NoError(t, a.Stop(t.Context()))
			})
		}
	}
}
