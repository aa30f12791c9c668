package app_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestStopAfterStartHookThatExits has a start hook that ends its goroutine, as
// t.FailNow does: Stop must not wait for ever.
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
