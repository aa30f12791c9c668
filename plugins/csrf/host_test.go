package csrf_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/routing"
)

// A server serves calls without a network, to any host.
type server struct {
	t           testing.TB
	application *app.Application
}

func start(t testing.TB, module app.Module) server {
	t.Helper()
	application := app.New(module)
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	return server{t, application}
}

// guarded starts an application with what Ktor's tests have: /csrf with the
// plugin, and /no-csrf without.
func guarded(t testing.TB, configure func(*csrf.Config)) server {
	t.Helper()
	return start(t, guard(configure))
}

func guard(configure func(*csrf.Config)) app.Module {
	success := func(c *app.Call) error { return c.RespondText("success") }
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Handle("/csrf", success).Install(csrf.Plugin.With(configure))
			r.Handle("/no-csrf", success)
		})
	}
}

// send sends a request for a URL, with headers in pairs; Host is that of the URL
// unless it is among them.
func (s server) send(method, url string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, url, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.application.ServeHTTP(recorder, request)
	return recorder
}

func (s server) post(url string, headers ...string) int {
	return s.send(http.MethodPost, url, headers...).Code
}
