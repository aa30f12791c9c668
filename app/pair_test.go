package app_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestWhatDidNotStartIsNotStopped: a stop hook runs if every start hook before
// it has returned nil.
func TestWhatDidNotStartIsNotStopped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		broken string // the start hook that does not return nil
		how    func(ctx context.Context) error
		want   []string
	}{
		"all start":              {"none", nil, []string{"start 1", "start 2", "start of a plugin", "stop of a plugin", "stop 2", "stop 1", "stop 0"}},
		"the first fails":        {"start 1", failWith, []string{"start 1", "stop 0"}},
		"the second fails":       {"start 2", failWith, []string{"start 1", "start 2", "stop 1", "stop 0"}},
		"that of a plugin fails": {"start of a plugin", failWith, []string{"start 1", "start 2", "start of a plugin", "stop 2", "stop 1", "stop 0"}},
		"the second panics":      {"start 2", func(context.Context) error { panic("no") }, []string{"start 1", "start 2", "stop 1", "stop 0"}},
		"the goroutine ends":     {"start 2", func(context.Context) error { runtime.Goexit(); return nil }, []string{"start 1", "start 2", "stop 1", "stop 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			start := func(name string) app.LifecycleHook {
				return func(ctx context.Context) error {
					seen.add(name)
					if name == test.broken {
						return test.how(ctx)
					}
					return nil
				}
			}
			plugin := app.NewPlugin("Pool", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
				b.OnStart(start("start of a plugin"))
				b.OnStop(lifecycleHook(&seen, "stop of a plugin"))
				return nil
			})
			a := app.New(quiet, func(a *app.Application) {
				a.OnStop(lifecycleHook(&seen, "stop 0"))
				a.OnStart(start("start 1"))
				a.OnStop(lifecycleHook(&seen, "stop 1"))
				a.OnStart(start("start 2"))
				a.OnStop(lifecycleHook(&seen, "stop 2"))
				a.Install(plugin)
			})
			done := make(chan struct{})
			go func() { // which Goexit ends
				defer close(done)
				if a.Start(t.Context()) == nil {
					assert.NoError(t, a.Stop(t.Context()))
				}
			}()
			<-done
			assert.Equal(t, test.want, seen.all())
			require.NoError(t, a.Stop(t.Context()))
			assert.Equal(t, test.want, seen.all(), "once")
		})
	}
}

func failWith(context.Context) error { return errors.New("no") }

// TestStopHooksRunAlthoughTheTimeIsOver: each with a context that has ended.
func TestStopHooksRunAlthoughTheTimeIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		stop := func(ctx context.Context) error {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline))
			select {
			case <-time.After(2 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		a := app.New(quiet, func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.ShutdownTimeout = 3 * time.Second })
			a.OnStop(stop)
			a.OnStop(stop)
			a.OnStop(stop)
		})
		require.NoError(t, a.Start(t.Context()))
		require.ErrorIs(t, a.Stop(t.Context()), context.DeadlineExceeded)
		assert.Equal(t, []time.Duration{3 * time.Second, time.Second, 0}, left)
	})
}
