package plugintest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// checkInstallation installs the plugin where it must be refused.
func (k *kit) checkInstallation(t *testing.T) {
	t.Run("twice on the application", func(t *testing.T) {
		k.isRefused(t, func(a *app.Application, install func(app.Scope)) {
			a.Install(k.plugin)
			install(a)
		})
	})
	if !k.scoped {
		t.Run("on a route", func(t *testing.T) {
			k.isRefused(t, func(a *app.Application, install func(app.Scope)) {
				routing.Routes(a, func(r *routing.Route) { install(r.Route(path, func(*routing.Route) {})) })
			})
		})
		return
	}
	t.Run("twice on a route", func(t *testing.T) {
		k.isRefused(t, func(a *app.Application, install func(app.Scope)) {
			routing.Routes(a, func(r *routing.Route) {
				r.Route(path, func(r *routing.Route) { r.Install(k.plugin) })
				r.Route(path, func(r *routing.Route) { install(r) })
			})
		})
	})
	t.Run("on a route of an application that has it", func(t *testing.T) {
		k.isRefused(t, func(a *app.Application, install func(app.Scope)) {
			a.Install(k.plugin)
			routing.Routes(a, func(r *routing.Route) { install(r.Route(path, func(*routing.Route) {})) })
		})
	})
}

// isRefused starts an application whose only mistake must be what module
// installs with install, reported with the line that did so.
func (k *kit) isRefused(t *testing.T, module func(a *app.Application, install func(app.Scope))) {
	t.Helper()
	var site app.Site
	application := app.New(func(a *app.Application) {
		module(a, func(scope app.Scope) {
			site = app.Caller(0)
			scope.Install(k.plugin)
		})
	})
	err := application.Start(t.Context())
	site.Line++ // the installation is one line below
	require.Error(t, err, "the application starts")
	require.Contains(t, err.Error(), fmt.Sprintf("%s: install %s: ", site, k.plugin.Name()))
	require.NotContains(t, err.Error(), "\n", "there is one mistake")
}
