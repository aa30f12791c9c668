package app_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// What does not look at its context is left behind, and what it does later
// changes nothing.
func TestAStartThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	errLate := errors.New("too late")
	cases := []struct {
		name string
		// hang declares something that hangs until the channel is closed.
		hang func(a *app.Application, release <-chan struct{})
		says string
		seen []string
	}{
		{"a module", func(_ *app.Application, release <-chan struct{}) { <-release },
			`^start application: module 2 of 3, .* at app/startup_test\.go:\d+, has not returned: context deadline exceeded: too late$`, nil},
		{"a check", func(a *app.Application, release <-chan struct{}) {
			a.OnModulesLoaded(func() error { <-release; return nil })
		}, `^start application: a check of what the modules have declared has not returned: `, []string{"after"}},
		{"a start hook", func(a *app.Application, release <-chan struct{}) {
			a.OnStart(func(context.Context) error { <-release; return nil })
		}, `^start application: the start hook at app/startup_test\.go:\d+ has not returned: `, []string{"after", "start 1", "stop 1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				release := make(chan struct{})
				a := app.New(func(a *app.Application) {
					quiet(a)
					a.OnStart(lifecycleHook(&seen, "start 1"))
					a.OnStop(lifecycleHook(&seen, "stop 1"))
				}, func(a *app.Application) {
					c.hang(a, release)
					a.OnStart(lifecycleHook(&seen, "start 2"))
					a.OnStop(lifecycleHook(&seen, "stop 2"))
				}, func(*app.Application) { seen.add("after") })
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errLate)
				defer cancel()
				began := time.Now()
				err := a.Start(ctx)
				assert.Equal(t, 10*time.Second+100*time.Millisecond, time.Since(began))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, errLate)
				assert.Regexp(t, c.says, err.Error())
				assert.True(t, a.Stopping())
				close(release)
				synctest.Wait()
				assert.Equal(t, c.seen, seen.all())
				require.NoError(t, a.Stop(t.Context()))
			})
		})
	}
}

func TestAStartWhoseContextHasEndedIsStillDone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := app.New(quiet)
	require.NoError(t, a.Start(ctx), "nothing has looked at it, and all has returned")
	require.NoError(t, a.Stop(t.Context()))
}
