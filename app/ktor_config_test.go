package app_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

type configWithProperty struct{ Property string }

// TestKtorPluginConfigurationTest: a plugin is configured by properties.
//
// Ktor: ApplicationPluginConfigurationTest, RouteRootPluginConfigurationTest.
func TestKtorPluginConfigurationTest(t *testing.T) {
	t.Parallel()
	var file map[string]any
	require.NoError(t, json.Unmarshal([]byte(`{"myplugin": {"property": "42"}, "db": {"myplugin": {"property": "43"}}}`), &file))
	kinds := map[string]func(string, func() configWithProperty, func(*app.PluginBuilder[configWithProperty]) error) *app.Plugin[configWithProperty]{
		"application": app.NewPlugin[configWithProperty],
		"route":       app.NewScopedPlugin[configWithProperty],
	}
	for kind, newPlugin := range kinds {
		for name, test := range map[string]struct {
			path string
			tree map[string]any
			want string
		}{
			"testReadPropertyFromFile":             {"myplugin", file, "42"},
			"testDefaultValueWithoutConfigFile":    {"myplugin", nil, "Default Value"},
			"testDefaultValueWithEmptyConfigFile":  {"myplugin", map[string]any{}, "Default Value"},
			"testComplexPath":                      {"db.myplugin", file, "43"},
			"a path that leads nowhere":            {"db.other", file, "Default Value"},
			"a path that leads through a property": {"myplugin.property.x", file, "Default Value"},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				var installed string
				plugin := newPlugin("PluginWithProperty", func() configWithProperty { return configWithProperty{"Default Value"} },
					func(b *app.PluginBuilder[configWithProperty]) error { installed = b.Config().Property; return nil }).FromProperties(test.path)
				start(t, func(a *app.Application) {
					a.Configure(func(c *app.Config) { c.Properties = app.NewProperties(test.tree) })
					if kind == "application" {
						a.Install(plugin)
					} else {
						app.NewScope(a, "/").Install(plugin)
					}
				})
				assert.Equal(t, test.want, installed)
			})
		}
	}
}

// TestPropertiesOfEachType: each type of a property can be read as text.
func TestPropertiesOfEachType(t *testing.T) {
	t.Parallel()
	var tree map[string]any
	require.NoError(t, json.Unmarshal([]byte(`{"port": 8080, "limit": 1048576, "large": 1e15, "half": 0.5, "negative": -3, "small": 1e-7, "yes": true, "text": "1e6", "null": null}`), &tree))
	tree["int"], tree["uint"] = int64(1)<<40, uint8(255)
	for path, want := range map[string]string{
		"port": "8080", "limit": "1048576", "large": "1000000000000000", "half": "0.5", "negative": "-3", "small": "0.0000001",
		"yes": "true", "text": "1e6", "int": "1099511627776", "uint": "255",
	} {
		text, ok := app.NewProperties(tree).Text(path)
		assert.True(t, ok, path)
		assert.Equal(t, want, text, path)
	}
	_, ok := app.NewProperties(tree).Text("null")
	assert.False(t, ok)
}
