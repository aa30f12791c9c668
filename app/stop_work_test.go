package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

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
