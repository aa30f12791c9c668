package apptest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// property returns a module that answers with a property.
func property(path, name string) app.Module {
	return func(a *app.Application) {
		text, ok := a.Config().Properties.Text(name)
		if !ok {
			text = "no value"
		}
		get(path, text)(a)
	}
}

// TestDefaultConfigDoesNotLoad is also Ktor's
// configuration_file_is_not_loaded_automatically.
func TestDefaultConfigDoesNotLoad(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, property("/a", "ktor.test"), mode)
		require.Equal(t, "no value", apptest.Text(t, host.Get("/a")))
		require.Equal(t, app.Properties{}, host.Application().Config().Properties)
	})
}

// TestCustomConfig differs: the properties are a tree, not a file.
func TestCustomConfig(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, property("/", "ktor.test"), mode, apptest.Properties(map[string]any{
			"ktor": map[string]any{"test": "another_test_value"},
		}))
		require.Equal(t, "another_test_value", apptest.Text(t, host.Get("/")))
	})
}

// TestConfigureMultipleFiles differs: trees, not files, and modules are not
// named in them.
func TestConfigureMultipleFiles(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, property("/test", "ktor.test"), mode,
			apptest.Properties(map[string]any{"ktor.test": "test_value", "ktor.other": "kept"}),
			apptest.Properties(map[string]any{"ktor.test": "another_test_value"}),
			apptest.Module(get("/", "OK FROM MODULE")),
			apptest.Module(property("/other", "ktor.other")))
		require.Equal(t, "OK FROM MODULE", apptest.Text(t, host.Get("/")))
		require.Equal(t, "another_test_value", apptest.Text(t, host.Get("/test")))
		require.Equal(t, "kept", apptest.Text(t, host.Get("/other")))
	})
}

func TestExternalServicesCustomConfig(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, Module, mode,
			apptest.Properties(map[string]any{"ktor.test": "another_test_value", "config.test": "other"}),
			apptest.ExternalService("http://www.google.com", property("/", "ktor.test")))
		require.Equal(t, "another_test_value", apptest.Text(t, host.Get("http://www.google.com")))
	})
}

func TestModuleWithLaunch(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		launched := make(chan struct{})
		host := apptest.Start(t, func(a *app.Application) {
			a.Go(func(context.Context) error { close(launched); return nil })
			get("/", "OK")(a)
		}, mode)
		require.Equal(t, "OK", apptest.Text(t, host.Get("/")))
		<-launched
	})
}

func TestRetrievingPluginInstance(t *testing.T) {
	type calculator struct{ add func(x, y int) int }
	plugin := app.NewPlugin("MyCalculatorPlugin", func() calculator {
		return calculator{func(x, y int) int { return x + y }}
	}, func(*app.PluginBuilder[calculator]) error { return nil })
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		apptest.Start(t, func(a *app.Application) {
			a.Install(plugin)
			installed, ok := plugin.In(a)
			require.True(t, ok)
			require.Equal(t, 3, installed.add(1, 2))
		}, mode, apptest.Module(func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				_, ok := plugin.In(r)
				require.True(t, ok)
			})
		}))
	})
}
