package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestPluginConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plugin app.Installable
		want   []string
	}{
		"defaults":      {greetingPlugin, []string{"hello world"}},
		"With":          {greetingPlugin.With(func(c *greetingConfig) { c.Greeting = "bye" }), []string{"bye world"}},
		"slice changed": {greetingPlugin.With(func(c *greetingConfig) { c.Names[0] = "you" }), []string{"hello you"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, "Greeting", test.plugin.Name())
			for range 2 { // no state leaks from one application into the next
				a := start(t, func(a *app.Application) { a.Install(test.plugin) })
				assert.Equal(t, test.want, get(t, a, "/").Header["Greeting"])
			}
		})
	}
}

func TestPluginInFindsTheNearestConfiguration(t *testing.T) {
	t.Parallel()
	a := app.New(quiet)
	outer := app.NewScope(a, "/outer")
	inner := app.NewScope(outer, "/outer/inner")
	beside := app.NewScope(a, "/beside")
	_, ok := scopedGreeting.In(inner)
	assert.False(t, ok)

	a.Install(greetingPlugin)
	outer.Install(scopedGreeting.With(func(c *greetingConfig) { c.Greeting = "outer" }))
	for _, scope := range []app.Scope{a, outer, inner, beside} {
		config, ok := greetingPlugin.In(scope)
		require.True(t, ok)
		assert.Equal(t, defaultGreeting(), *config)
	}
	for name, test := range map[string]struct {
		scope app.Scope
		want  string
	}{"where it is": {outer, "outer"}, "below": {inner, "outer"}, "beside": {beside, ""}, "above": {a, ""}} {
		config, ok := scopedGreeting.In(test.scope)
		require.Equal(t, test.want != "", ok, name)
		if ok {
			assert.Equal(t, test.want, config.Greeting, name)
		}
	}
	require.NoError(t, a.Start(t.Context()))
	require.NoError(t, a.Stop(t.Context()))
}

func TestNearestInstallationRuns(t *testing.T) {
	t.Parallel()
	greet := func(greeting string) app.Installable {
		return scopedGreeting.With(func(c *greetingConfig) { c.Greeting = greeting; c.Names = append(c.Names, greeting) })
	}
	a := start(t, func(a *app.Application) {
		routes(a, func(root *branch) {
			root.Install(greet("root"))
			root.handle("", text("root"))
			root.at("inner", func(inner *branch) {
				inner.handle("", text("inner"))
				inner.at("leaf", func(leaf *branch) {
					leaf.handle("", text("leaf"))
					leaf.handle("twig", text("twig"))
				})
				inner.Install(scopedGreeting)
			})
			root.at("beside", func(beside *branch) { beside.handle("", text("beside")) })
		})
	})
	for path, want := range map[string][]string{
		"/":                {"root world", "root root"},
		"/beside":          {"root world", "root root"},
		"/inner":           {"hello world"}, // from the defaults, nothing inherited
		"/inner/leaf":      {"hello world"},
		"/inner/leaf/twig": {"hello world"},
		"/nowhere":         nil, // scoped, and no route matched
	} {
		assert.Equal(t, want, get(t, a, path).Header["Greeting"], path)
	}
}

// TestNearestReplacesEveryHook: where a plugin is installed again, no hook of
// the outer installation runs, of whatever kind.
func TestNearestReplacesEveryHook(t *testing.T) {
	t.Parallel()
	var seen journal
	plugin := app.NewScopedPlugin("Everything", func() string { return "" }, func(b *app.PluginBuilder[string]) error {
		mine := func(kind string) { seen.add(kind + " " + *b.Config()) }
		b.OnCall(func(*app.Call) error { mine("call"); return nil })
		b.Use(noting(&seen, "middleware "+*b.Config()))
		b.Intercept(app.PhaseSetup, note(&seen, "setup "+*b.Config()))
		b.OnCallReceive(func(*app.Call, *app.Incoming) error { mine("receive"); return nil })
		b.InterceptReceive(app.ReceiveBefore, func(*app.Call, *app.Incoming) error { mine("before"); return nil })
		b.OnCallRespond(func(*app.Call, *app.Outgoing) error { mine("respond"); return nil })
		b.OnBodyReady(func(*app.Call, *app.Outgoing) error { mine("ready"); return nil })
		b.InterceptSend(app.SendContentEncoding, func(*app.Call, *app.Outgoing) error { mine("encoding"); return nil })
		b.OnCallFailed(func(*app.Call, error) error { mine("failed"); return nil })
		b.OnResponseSent(func(*app.Call) { mine("sent") })
		return nil
	})
	name := func(name string) app.Installable { return plugin.With(func(c *string) { *c = name }) }
	a := start(t, func(a *app.Application) {
		routes(a, func(root *branch) {
			root.Install(name("outer"))
			root.at("inner", func(inner *branch) {
				inner.Install(name("inner"))
				inner.handle("", func(c *app.Call) error {
					_, err := c.ReceiveText()
					require.NoError(t, err)
					return app.NewError(http.StatusTeapot, "no coffee")
				})
			})
		})
	})
	assert.Equal(t, http.StatusTeapot, get(t, a, "/inner").StatusCode)
	assert.Equal(t, []string{
		"setup inner", "call inner", "middleware inner", "before inner", "receive inner",
		"failed inner", "respond inner", "encoding inner", "ready inner", "sent inner",
	}, seen.all())
}

func TestPluginBuilderReachesScopeAndLifecycle(t *testing.T) {
	t.Parallel()
	var seen journal
	var first *greetingConfig
	plugin := app.NewScopedPlugin("Builder", defaultGreeting, func(b *app.PluginBuilder[greetingConfig]) error {
		first = b.Config()
		countKey.Set(b.Scope(), 1)
		assert.Same(t, b.Application(), b.Scope().Application())
		b.OnStart(lifecycleHook(&seen, "start"))
		b.OnStopPreparing(func() { seen.add("preparing") })
		b.OnStop(lifecycleHook(&seen, "stop"))
		return nil
	})
	var scope app.Scope
	a := app.New(quiet, func(a *app.Application) {
		scope = app.NewScope(a, "/")
		scope.Install(plugin)
	})
	require.NoError(t, a.Start(t.Context()))
	config, ok := plugin.In(scope)
	require.True(t, ok)
	assert.Same(t, first, config)
	requireHeld(t, scope, countKey, 1)
	_, ok = countKey.Get(a)
	assert.False(t, ok, "the builder's scope is the one that was installed on")
	require.NoError(t, a.Stop(t.Context()))
	assert.Equal(t, []string{"start", "preparing", "stop"}, seen.all())
}

// TestScopedPluginOnTheApplication: there it runs for every call, like any
// other.
func TestScopedPluginOnTheApplication(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) { a.Install(scopedGreeting) })
	assert.Equal(t, []string{"hello world"}, get(t, a, "/nowhere").Header["Greeting"])
}

// TestOnCallFails: the error is the response, and nothing that comes later
// runs.
func TestOnCallFails(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, func(a *app.Application) {
		a.Install(app.NewPlugin("Gate", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.OnCall(func(*app.Call) error { return app.NewError(http.StatusUnauthorized, "who are you?") })
			return nil
		}))
		a.Install(tracing(&seen, "later"))
	}, answering(func(*app.Call) error { seen.add("handler"); return nil }))
	response := get(t, a, "/")
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, "who are you?", body(t, response))
	assert.Nil(t, seen.all())
}

func TestDefaultRoutesAreThoseOfTheScopesPlugins(t *testing.T) {
	t.Parallel()
	plugin := app.NewScopedPlugin("Defaults", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
		b.DefaultRoutes(http.MethodHead, http.MethodGet)
		b.DefaultRoutes(http.MethodOptions, "")
		return nil
	})
	scope := app.NewScope(app.New(), "/")
	assert.Empty(t, app.DefaultRoutes(scope))
	want := below()
	scope.Install(plugin)
	found := app.DefaultRoutes(scope)
	require.Len(t, found, 2)
	assert.Equal(t, []string{http.MethodHead, http.MethodGet, want}, []string{found[0].Method, found[0].Like, found[0].Site.String()})
	assert.Equal(t, []string{http.MethodOptions, "", want}, []string{found[1].Method, found[1].Like, found[1].Site.String()})
}
