package apptest_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/config"
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

// configure returns the option that gives the application the properties of
// files, the default one if none is named.
//
// Ktor: configure.
func configure(t *testing.T, paths ...string) apptest.Option {
	t.Helper()
	properties, err := config.Loader{
		Resources: fstest.MapFS{
			"application.conf":        {Data: []byte("ktor {\n    test = test_value\n}\n")},
			"application-custom.conf": {Data: []byte("ktor {\n    test = another_test_value\n}\n")},
			"application-custom.yaml": {Data: []byte("ktor:\n    test: another_test_value\n    other: yaml\n")},
		},
		Environment: func(string) (string, bool) { return "", false },
	}.Load(paths...)
	require.NoError(t, err)
	return apptest.Configure(func(c *app.Config) { c.Properties = properties })
}

// TestCustomConfig is Ktor's testCustomConfig, testCustomYamlConfig,
// testExplicitDefaultConfig and testCustomEnvironmentKeepsDefaultProperties.
func TestCustomConfig(t *testing.T) {
	for name, test := range map[string]struct {
		paths []string
		want  string
	}{
		"testCustomConfig":          {[]string{"application-custom.conf"}, "another_test_value"},
		"testCustomYamlConfig":      {[]string{"application-custom.yaml"}, "another_test_value"},
		"testExplicitDefaultConfig": {nil, "test_value"},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, property("/", "ktor.test"), mode, configure(t, test.paths...))
				require.Equal(t, test.want, apptest.Text(t, host.Get("/")))
			})
		})
	}
	t.Run("testCustomEnvironmentKeepsDefaultProperties", func(t *testing.T) {
		everywhere(t, func(t *testing.T, mode apptest.Option) {
			host := apptest.Start(t, property("/a", "ktor.test"), mode, configure(t, "application-custom.conf"))
			require.Equal(t, "another_test_value", apptest.Text(t, host.Get("/a")))
			require.Equal(t, 30*time.Second, host.Application().Config().WriteTimeout)
		})
	})
}

// TestConfigureMultipleFiles differs: modules are not named in the files.
func TestConfigureMultipleFiles(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, property("/test", "ktor.test"), mode,
			configure(t, "application-custom.yaml", "application.conf"),
			apptest.Properties(map[string]any{"ktor.added": "another_value"}),
			apptest.Module(get("/", "OK FROM MODULE")),
			apptest.Module(property("/added", "ktor.added")),
			apptest.Module(property("/other", "ktor.other")))
		require.Equal(t, "OK FROM MODULE", apptest.Text(t, host.Get("/")))
		require.Equal(t, "test_value", apptest.Text(t, host.Get("/test")))
		require.Equal(t, "another_value", apptest.Text(t, host.Get("/added")))
		require.Equal(t, "yaml", apptest.Text(t, host.Get("/other")))
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
