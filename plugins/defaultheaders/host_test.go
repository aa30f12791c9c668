package defaultheaders_test

import (
	"net/http"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/routing"
)

func ok(c *app.Call) error { return c.RespondText("OK") }

// unchanged leaves the configuration as it is by default.
func unchanged(*defaultheaders.Config) {}

// serve starts an application with the plugin and a route at the root.
func serve(t *testing.T, configure func(*defaultheaders.Config)) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(configure))
		routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
	})
}

// reusable is a response writer that keeps nothing but its header map.
type reusable struct{ header http.Header }

func (w *reusable) Header() http.Header         { return w.header }
func (w *reusable) Write(p []byte) (int, error) { return len(p), nil }
func (w *reusable) WriteHeader(int)             {}
