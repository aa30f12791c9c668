package conditionalheaders_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/routing"
)

type (
	tag  = conditionalheaders.EntityTagVersion
	date = conditionalheaders.LastModifiedVersion
)

func response(c *app.Call) error { return c.RespondText("response") }

// of returns the plugin with one provider, of the same versions for all.
func of(versions ...conditionalheaders.Version) app.Installable {
	return conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) {
		c.Version(func(*app.Call, *app.Outgoing) []conditionalheaders.Version { return versions })
	})
}

// serve starts an application with plugins, and handler at the root.
func serve(t *testing.T, handler app.Handler, plugins ...app.Installable) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) { r.Handle("/", handler) })
	})
}

// header returns options that add headers, given as name and value.
func header(pairs ...string) []apptest.RequestOption {
	var options []apptest.RequestOption
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, apptest.Header(pairs[i], pairs[i+1]))
	}
	return options
}

// expect checks status and body.
func expect(t *testing.T, got *http.Response, status int, body string) {
	t.Helper()
	assert.Equal(t, status, got.StatusCode)
	assert.Equal(t, body, apptest.Text(t, got))
}

// now is the time of the version in the tests of Ktor; days are before or after
// it.
var now = time.Date(2022, 3, 4, 9, 52, 7, 500_000_000, time.UTC)

func days(days int) string { return now.AddDate(0, 0, days).UTC().Format(http.TimeFormat) }
