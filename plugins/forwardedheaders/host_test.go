package forwardedheaders_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
)

// proxy is the address that requests of httptest come from.
const proxy = "192.0.2.1"

// config is what a test sets.
type config = forwardedheaders.Config

// An asker is an application behind a proxy, and what it saw of the last call.
type asker struct {
	a      *app.Application
	origin app.Origin
}

// behind starts an application whose plugin configure has set up.
func behind(t testing.TB, configure func(*config), more ...app.Installable) *asker {
	t.Helper()
	asked := &asker{}
	asked.a = app.New(func(a *app.Application) {
		for _, plugin := range append([]app.Installable{forwardedheaders.Plugin.With(configure)}, more...) {
			a.Install(plugin)
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				asked.origin = c.Origin()
				return c.RespondStatus(http.StatusNoContent)
			}
		})
	})
	require.NoError(t, asked.a.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, asked.a.Stop(context.WithoutCancel(t.Context()))) })
	return asked
}

// ask sends a request with the lines of a header, and returns the status and
// the origin that the handler has seen, zero if it has not run.
func (s *asker) ask(lines []string, change ...func(*http.Request)) (int, app.Origin) {
	s.origin = app.Origin{}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "localhost"
	r.Header["Forwarded"] = lines
	for _, f := range change {
		f(r)
	}
	recorder := httptest.NewRecorder()
	s.a.ServeHTTP(recorder, r)
	return recorder.Code, s.origin
}

// trusted trusts the proxy, and those of 10.0.0.0/8.
func trusted(c *config) { c.TrustProxies(proxy, "10.0.0.0/8") }
