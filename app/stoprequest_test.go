package app_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestRequestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		a := app.New(quiet, func(a *app.Application) {
			a.OnStop(func(context.Context) error { seen.add("stopped"); return nil })
		})
		require.NoError(t, a.Start(t.Context()))
		a.RequestStop(nil)
		a.RequestStop(nil)
		synctest.Wait()
		assert.Equal(t, []string{"stopped"}, seen.all())
	})
	var causes []error
	a := start(t)
	a.HandleStopRequests(func(cause error) { causes = append(causes, cause) })
	cause := &app.ExitError{Code: 3, Cause: context.Canceled}
	a.RequestStop(cause)
	a.RequestStop(nil)
	assert.Equal(t, []error{cause}, causes)
	assert.False(t, a.Stopping(), "that is for the handler")
	require.ErrorIs(t, cause, context.Canceled)
	assert.EqualError(t, cause, "exit status 3: context canceled")
	assert.EqualError(t, &app.ExitError{Code: 4}, "exit status 4")
}
