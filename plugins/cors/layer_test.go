package cors_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

// guard lets no call without a key in, but for those that somebody has answered.
var guard = app.NewLayer("Guard", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
	b.OnCall(func(c *app.Call) error {
		if c.Answered() || c.Request.Header.Get("X-Key") != "" {
			return nil
		}
		return app.NewError(http.StatusUnauthorized, "no key")
	})
	return nil
})

// A preflight carries no credentials: CORS answers it, and a layer behind, in
// the same group or on the application, leaves the answer alone. Other calls
// are refused, and a page may read that.
func TestALayerBehindLeavesPreflightsAlone(t *testing.T) {
	anyHost := cors.Plugin.With(func(c *cors.Config) { c.AnyHost() })
	for name, module := range map[string]app.Module{
		"in a group": func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(anyHost)
					r.Install(guard)
					r.Get("/private", ok)
				})
			})
		},
		"on the application": func(a *app.Application) {
			a.Install(anyHost)
			a.Install(guard)
			routing.Routes(a, func(r *routing.Route) { r.Get("/private", ok) })
		},
	} {
		host := apptest.Start(t, module)
		origin := apptest.Header("Origin", "http://a.example")
		preflight := host.Do(http.MethodOptions, "/private", nil, origin, apptest.Header("Access-Control-Request-Method", "GET"))
		assert.Equal(t, http.StatusOK, preflight.StatusCode, name)
		assert.Equal(t, "*", preflight.Header.Get("Access-Control-Allow-Origin"), name)
		refused := host.Get("/private", origin)
		assert.Equal(t, http.StatusUnauthorized, refused.StatusCode, name)
		assert.Equal(t, "*", refused.Header.Get("Access-Control-Allow-Origin"), name)
		assert.Equal(t, http.StatusOK, host.Get("/private", origin, apptest.Header("X-Key", "1")).StatusCode, name)
	}
}
