package app_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func tree() app.Properties {
	return app.NewProperties(map[string]any{
		"name": "shop",
		"database": map[string]any{
			"url":  "db://here",
			"pool": map[string]any{"size": 4.0, "warm": true},
		},
		"ratio":    0.25,
		"seconds":  1e21,
		"hosts":    []any{"a", "b"},
		"greeting": map[string]any{"Greeting": "from the properties"},
		"nothing":  nil,
	})
}

func TestPropertiesAreFoundByPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		text  string
		found bool // anything
		ok    bool // a text
	}{
		"name":               {"shop", true, true},
		"database.url":       {"db://here", true, true},
		"database.pool.size": {"4", true, true},
		"database.pool.warm": {"true", true, true},
		"ratio":              {"0.25", true, true},
		"seconds":            {"1000000000000000000000", true, true}, // without an exponent
		"database.pool":      {"", true, false},
		"hosts":              {"", true, false},
		"nothing":            {"", true, false},
		"database.user":      {"", false, false},
		"name.first":         {"", false, false},
		"":                   {"", false, false},
	} {
		text, ok := tree().Text(path)
		assert.Equal(t, want.ok, ok, path)
		assert.Equal(t, want.text, text, path)
		_, found := tree().Lookup(path)
		assert.Equal(t, want.found, found, path)
	}
	_, ok := app.Properties{}.Lookup("name")
	assert.False(t, ok)
}

func TestPropertiesDecodeIntoAStruct(t *testing.T) {
	t.Parallel()
	type database struct {
		URL  string
		User string
		Pool struct{ Size int }
	}
	target := database{User: "kept"}
	require.NoError(t, tree().Decode("database", &target))
	want := database{URL: "db://here", User: "kept"}
	want.Pool.Size = 4
	assert.Equal(t, want, target)
	require.NoError(t, tree().Decode("no.such.path", &target))
	assert.Equal(t, want, target)
	require.ErrorContains(t, tree().Decode("hosts", &target), "decode property hosts: ")
}

func TestPropertiesLaidOverReplaceAndJoin(t *testing.T) {
	t.Parallel()
	over := app.NewProperties(map[string]any{
		"name":     "overlaid",
		"database": map[string]any{"pool": map[string]any{"size": 8.0}, "user": "me"},
		"hosts":    map[string]any{"first": "a"},
	})
	under := tree()
	both := under.With(over)
	for path, want := range map[string]string{
		"name": "overlaid", "database.url": "db://here", "database.user": "me", "database.pool.size": "8",
		"database.pool.warm": "true", "hosts.first": "a", "greeting.Greeting": "from the properties",
	} {
		text, ok := both.Text(path)
		assert.True(t, ok, path)
		assert.Equal(t, want, text, path)
	}
	assert.Equal(t, tree(), under, "neither is changed")
	assert.Equal(t, over, app.Properties{}.With(over))
}

// TestPluginFromProperties: defaults, then the properties, then With. It stays
// the same plugin.
func TestPluginFromProperties(t *testing.T) {
	t.Parallel()
	fromProperties := greetingPlugin.FromProperties("greeting")
	a := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Properties = tree() })
		a.Install(fromProperties.With(func(c *greetingConfig) { c.Names = append(c.Names, "With") }))
		for _, plugin := range []*app.Plugin[greetingConfig]{greetingPlugin, fromProperties, fromProperties.FromProperties("x")} {
			config, ok := plugin.In(a)
			assert.True(t, ok)
			assert.Equal(t, greetingConfig{"from the properties", []string{"world", "With"}}, *config)
		}
	})
	assert.Equal(t, []string{"from the properties world", "from the properties With"}, get(t, a, "/").Header["Greeting"])

	var site string
	a = app.New(quiet, func(a *app.Application) {
		a.Install(fromProperties)
		site = below()
		a.Install(greetingPlugin)
	})
	require.EqualError(t, a.Start(t.Context()), site+": install Greeting: it is already installed on the application, at "+twoAbove(site))

	a = app.New(quiet, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Properties = tree() })
		site = below()
		a.Install(greetingPlugin.FromProperties("hosts"))
	})
	require.ErrorContains(t, a.Start(t.Context()), site+": install Greeting: decode property hosts: ")
}
