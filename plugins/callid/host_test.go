package callid_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/callid"
)

const header = "X-Request-Id"

// tellID responds with the id of the call, or "null" as Ktor's tests do.
func tellID(c *app.Call) error {
	id, ok := callid.Get(c)
	if !ok {
		id = "null"
	}
	return c.RespondText(id)
}

// telling is an application that responds to every call with its id.
func telling(configure func(*callid.Config)) app.Module {
	return func(a *app.Application) {
		a.Install(callid.Plugin.With(configure))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return tellID })
	}
}

// assertID asks for path, with an id in the header unless it is empty, and
// asserts the id that is told.
func assertID(t *testing.T, host *apptest.Host, path, sent, want string) {
	t.Helper()
	var options []apptest.RequestOption
	if sent != "" {
		options = append(options, apptest.Header(header, sent))
	}
	response := host.Get(path, options...)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, want, apptest.Text(t, response))
}

// install installs the plugin with a configuration.
func install(configure func(*callid.Config)) app.Module {
	return func(a *app.Application) { a.Install(callid.Plugin.With(configure)) }
}
