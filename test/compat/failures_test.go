package compat_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// ReportFailures tells Sentry of the errors and panics of calls, which its
// middleware does not see.
var ReportFailures = app.NewPlugin("ReportFailures", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallFailed(func(c *app.Call, cause error) error {
			if hub := sentry.GetHubFromContext(c.Context()); hub != nil {
				hub.CaptureException(cause)
			}
			return nil // the application answers, and logs
		})
		return nil
	})

func TestHookReportsWhatTheMiddlewareOfSentryDoesNotSee(t *testing.T) {
	for name, handler := range map[string]app.Handler{
		"error": func(*app.Call) error { return errors.New("broken") },
		"panic": func(*app.Call) error { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := &sentryTransport{}
				client, err := sentry.NewClient(sentry.ClientOptions{
					Dsn: "https://key@sentry.invalid/1", Transport: transport,
				})
				require.NoError(t, err)
				t.Cleanup(client.Close)
				host := apptest.Start(t, func(a *app.Application) {
					a.Use(withHub(client))
					a.Use(sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle)
					a.Install(ReportFailures)
					routing.Routes(a, func(r *routing.Route) { r.Get("/", handler) })
				})
				require.Equal(t, http.StatusInternalServerError, host.Get("/").StatusCode)
				synctest.Wait()
				assert.Len(t, transport.sent.lines(), 1)
				assert.Contains(t, transport.sent.lines()[0], "broken")
			})
		})
	}
}

// withHub gives each request a hub of its own.
func withHub(client *sentry.Client) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hub := sentry.NewHub(client, sentry.NewScope())
			next.ServeHTTP(w, r.WithContext(sentry.SetHubOnContext(r.Context(), hub)))
		})
	}
}
