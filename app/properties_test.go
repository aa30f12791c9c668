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
		"":                   {"", true, false}, // the whole tree
		"hosts.1":            {"b", true, true},
		"hosts.2":            {"", false, false},
		"hosts.-1":           {"", false, false},
		"database.":          {"", false, false},
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
	require.ErrorContains(t, tree().Decode("hosts", &target), "hosts: it is a list, and a branch is wanted")
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
	require.ErrorContains(t, a.Start(t.Context()), site+": install Greeting: hosts: it is a list, and a branch is wanted")
}

func TestPropertiesAreListsAndBranches(t *testing.T) {
	t.Parallel()
	p := app.NewProperties(map[string]any{
		"users": []any{map[string]any{"name": "eve"}, "plain"},
		"flat":  map[string]any{"1": "b", "0": "a"},
		"holes": map[string]any{"0": "a", "2": "c"},
		"sized": map[string]any{"0": "a", "size": 2},
		"none":  map[string]any{"size": 0},
		"empty": map[string]any{},
	})
	require.Equal(t, []string{"eve", ""}, texts(p.List("users"), "name"))
	require.Equal(t, []string{"", "plain"}, texts(p.List("users"), ""))
	require.Equal(t, []string{"a", "b"}, texts(p.List("flat"), ""))
	require.NotNil(t, p.List("none"))
	require.Empty(t, p.List("none"))
	for _, path := range []string{"holes", "sized", "empty", "users.1", "nowhere"} {
		require.Nil(t, p.List(path), path)
	}
	require.Equal(t, []string{"flat", "holes.0", "holes.2", "none.size", "sized.0", "sized.size", "users"}, p.Keys())
	requireText(t, p, "users.0.name", "eve")
	requireText(t, p.At("users"), "1", "plain")
	found, _ := p.Lookup("flat")
	require.Equal(t, []any{"a", "b"}, found)
	require.EqualError(t, p.List("users")[0].DecodeStrict("", new(struct{ ID int })), "users.0.name: it is unknown (known: id)")
	require.Empty(t, p.At("users.1").Map())
	require.Empty(t, app.Properties{}.Map())
	require.Equal(t, app.Properties{}, app.NewProperties(nil))
}

func TestPropertiesKnowWhereTheyWereWritten(t *testing.T) {
	t.Parallel()
	p := app.NewProperties(map[string]any{"database": located(map[string]any{
		"url": located("db://", 2, 3), "pool": located(app.Located{Value: 4}, 3, 3), "list": []any{located(1, 4, 5)},
	}, 1, 1)}).With(app.PropertiesAt("database.pool", app.Located{Value: 8, Site: app.Site{File: "-P"}}))
	for path, want := range map[string]string{
		"database": "conf/application.conf:1:1", "database.url": "conf/application.conf:2:3", "database.pool": "-P",
		"database.list": "unknown", "database.list.0": "conf/application.conf:4:5", "nowhere": "unknown",
	} {
		require.Equal(t, want, p.Site(path).String(), path)
	}
	// What is missing is missing in the nearest that is there.
	_, err := app.Property[string](p, "database.user.name")
	require.EqualError(t, err, "conf/application.conf:1:1: database.user.name: it is required, and missing")
	require.EqualError(t, p.At("database.user").Decode("name", new(struct {
		First string `property:",required"`
	})), "conf/application.conf:1:1: database.user.name.first: it is required, and missing")
	require.Equal(t, app.Site{}, p.At("database.user").Site(""))
	_, err = app.Property[string](p, "nowhere")
	require.EqualError(t, err, "nowhere: it is required, and missing")
	requireText(t, p, "database.pool", "8")
	require.EqualError(t, p.Decode("database.pool", new(bool)), `-P: database.pool: "8" is no boolean`)
}

// TestMisspeltPropertyOfAPluginIsAMistake: it must not be silent.
func TestMisspeltPropertyOfAPluginIsAMistake(t *testing.T) {
	t.Parallel()
	var site string
	a := app.New(quiet, func(a *app.Application) {
		a.Configure(func(c *app.Config) {
			c.Properties = app.NewProperties(map[string]any{"greeting": map[string]any{"greting": located("hello", 2, 3), "names": located("eve", 3, 3)}})
		})
		site = below()
		a.Install(greetingPlugin.FromProperties("greeting"))
	})
	require.EqualError(t, a.Start(t.Context()), site+": install Greeting: conf/application.conf:3:3: greeting.names: it is a text, and a list is wanted\n"+
		site+": install Greeting: conf/application.conf:2:3: greeting.greting: it is unknown: is it greeting? (known: greeting, names)")
}
