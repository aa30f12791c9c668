package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// layered returns a layer that is configured with its name, and whose hooks
// attach adds.
func layered(name string, attach func(b *app.PluginBuilder[string])) *app.Plugin[string] {
	return app.NewLayer(name, func() string { return "" }, func(b *app.PluginBuilder[string]) error {
		attach(b)
		return nil
	})
}

// named installs a layer of that name.
func named(layer *app.Plugin[string], name string) app.Installable {
	return layer.With(func(c *string) { *c = name })
}

// tracingLayer returns a layer that notes "L:" and the name of each of its
// installations.
func tracingLayer(seen *journal) *app.Plugin[string] {
	return layered("Trace", func(b *app.PluginBuilder[string]) {
		name := *b.Config()
		b.OnCall(func(*app.Call) error { seen.add("L:" + name); return nil })
	})
}

func TestEveryInstallationOfALayerRuns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module func(a *app.Application, layer *app.Plugin[string], seen *journal)
		path   string
		want   string
	}{
		"outer first, in turn with middlewares": {func(a *app.Application, layer *app.Plugin[string], seen *journal) {
			routing.Routes(a, func(r *routing.Route) {
				r.Route("/g1", func(r *routing.Route) {
					r.Install(named(layer, "g1"))
					r.Use(noting(seen, "m1"))
					r.Install(named(layer, "g1b"))
					r.Route("/g2", func(r *routing.Route) {
						r.Install(named(layer, "g2"))
						r.Get("/leaf", text("leaf")).Install(named(layer, "leaf"))
					})
				})
			})
			a.Install(named(layer, "app"))
		}, "/g1/g2/leaf", "L:app L:g1 m1 L:g1b L:g2 L:leaf"},
		"of groups, which have no path": {func(a *app.Application, layer *app.Plugin[string], seen *journal) {
			a.Install(named(layer, "app"))
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(named(layer, "g1"))
					r.Use(noting(seen, "m1"))
					r.Install(named(layer, "g1b"))
					r.Group(func(r *routing.Route) {
						r.Install(named(layer, "g2"))
						r.Get("/leaf", text("leaf")).Install(named(layer, "leaf"))
					})
				})
				r.Group(func(r *routing.Route) {
					r.Install(named(layer, "g3"))
					r.Get("/other", text("other"))
				})
			})
		}, "/leaf", "L:app L:g1 m1 L:g1b L:g2 L:leaf"},
		"several on the application": {func(a *app.Application, layer *app.Plugin[string], seen *journal) {
			a.Install(named(layer, "1"))
			a.Use(noting(seen, "m"))
			a.Install(named(layer, "2"))
			routing.Routes(a, func(r *routing.Route) { r.Get("/", text("root")) })
		}, "/", "L:1 m L:2"},
		"the same one twice on one route": {func(a *app.Application, layer *app.Plugin[string], _ *journal) {
			routing.Routes(a, func(r *routing.Route) {
				leaf := r.Get("/", text("root"))
				leaf.Install(layer)
				leaf.Install(layer)
			})
		}, "/", "L: L:"},
		"on a route only when it has matched": {func(a *app.Application, layer *app.Plugin[string], _ *journal) {
			a.Install(named(layer, "app"))
			routing.Routes(a, func(r *routing.Route) {
				r.Install(named(layer, "root"))
				r.Get("/", text("root"))
			})
		}, "/nowhere", "L:app"},
		"not those of other routes": {func(a *app.Application, layer *app.Plugin[string], _ *journal) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/beside", text("beside")).Install(named(layer, "beside"))
				r.Get("/leaf", text("leaf")).Install(named(layer, "leaf"))
			})
		}, "/leaf", "L:leaf"},
		"phase before nesting, as everything": {func(a *app.Application, _ *app.Plugin[string], seen *journal) {
			early := layered("Early", func(b *app.PluginBuilder[string]) {
				b.Intercept(app.PhaseSetup, note(seen, "setup:"+*b.Config()))
				b.OnCall(func(*app.Call) error { seen.add("call:" + *b.Config()); return nil })
			})
			routing.Routes(a, func(r *routing.Route) {
				r.Install(named(early, "outer"))
				r.Get("/", text("root")).Install(named(early, "inner"))
			})
		}, "/", "setup:outer setup:inner call:outer call:inner"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			layer := tracingLayer(&seen)
			a := start(t, func(a *app.Application) { test.module(a, layer, &seen) })
			get(t, a, test.path)
			assert.Equal(t, test.want, strings.Join(seen.all(), " "))
		})
	}
}

// Hooks of every kind run for each installation, those of a failure from the
// inside to the outside.
func TestEveryHookOfALayerRuns(t *testing.T) {
	t.Parallel()
	var seen journal
	layer := layered("Everything", func(b *app.PluginBuilder[string]) {
		mine := func(kind string) { seen.add(kind + " " + *b.Config()) }
		b.OnCall(func(*app.Call) error { mine("call"); return nil })
		b.Use(noting(&seen, "middleware "+*b.Config()))
		b.Intercept(app.PhaseMonitoring, note(&seen, "monitoring "+*b.Config()))
		b.OnCallReceive(func(*app.Call, *app.Incoming) error { mine("receive"); return nil })
		b.InterceptReceive(app.ReceiveBefore, func(*app.Call, *app.Incoming) error { mine("before"); return nil })
		b.OnCallRespond(func(*app.Call, *app.Outgoing) error { mine("respond"); return nil })
		b.InterceptSend(app.SendContentEncoding, func(*app.Call, *app.Outgoing) error { mine("encoding"); return nil })
		b.OnBodyReady(func(*app.Call, *app.Outgoing) error { mine("ready"); return nil })
		b.OnCallFailed(func(*app.Call, error) error { mine("failed"); return nil })
		b.OnResponseSent(func(*app.Call) { mine("sent") })
	})
	a := start(t, func(a *app.Application) {
		a.Install(named(layer, "a"))
		routes(a, func(root *branch) {
			root.Install(named(layer, "r"))
			root.Install(named(layer, "s"))
			root.handle("", func(c *app.Call) error {
				_, err := c.ReceiveText()
				require.NoError(t, err)
				return app.NewError(http.StatusTeapot, "no coffee")
			})
		})
	})
	assert.Equal(t, http.StatusTeapot, get(t, a, "/").StatusCode)
	assert.Equal(t, []string{
		"monitoring a", "call a", "middleware a", "monitoring r", "monitoring s",
		"call r", "middleware r", "call s", "middleware s",
		"before a", "before r", "before s", "receive a", "receive r", "receive s",
		"failed s", "failed r", "failed a", "respond a", "respond r", "respond s",
		"encoding a", "encoding r", "encoding s", "ready a", "ready r", "ready s", "sent a", "sent r", "sent s",
	}, seen.all())
}

// What an outer layer has closed stays closed, however it has done so and
// whatever the inner one would let in.
func TestInnerLayerNeverOpensWhatAnOuterOneHasClosed(t *testing.T) {
	t.Parallel()
	gate := layered("Gate", func(b *app.PluginBuilder[string]) {
		who := *b.Config()
		b.OnCall(func(c *app.Call) error {
			switch {
			case who == "anybody" || c.Request.Header.Get("Key") == who:
				return nil
			case c.Request.Header.Get("Politely") != "":
				return c.RespondStatus(http.StatusUnauthorized)
			default:
				return app.NewError(http.StatusUnauthorized, "not you")
			}
		})
	})
	handled := false
	a := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/one", func(r *routing.Route) {
				r.Install(named(gate, "anna"))
				r.Get("/open", func(c *app.Call) error { handled = true; return c.RespondText("secret") }).Install(named(gate, "anybody"))
				r.Get("/two", text("secret")).Install(named(gate, "berta"))
			})
		})
	})
	for name, test := range map[string]struct {
		path   string
		header http.Header
		want   int
	}{
		"an inner one that opens":              {"/one/open", http.Header{}, 401},
		"one that answers instead of failing":  {"/one/open", http.Header{"Politely": {"yes"}}, 401},
		"the right key":                        {"/one/open", http.Header{"Key": {"anna"}}, 200},
		"the inner key alone":                  {"/one/two", http.Header{"Key": {"berta"}}, 401},
		"the outer key alone":                  {"/one/two", http.Header{"Key": {"anna"}}, 401},
		"the outer key alone, and a polite no": {"/one/two", http.Header{"Key": {"anna"}, "Politely": {"yes"}}, 401},
	} {
		handled = false
		r := httptest.NewRequest(http.MethodGet, test.path, nil)
		r.Header = test.header
		response := do(t, a, r)
		assert.Equal(t, test.want, response.StatusCode, name)
		assert.NotEqual(t, test.want == 401, body(t, response) == "secret", name)
		assert.Equal(t, test.want == 200, handled, name)
	}
}

func TestInFindsTheLastInstallationOfTheNearestScope(t *testing.T) {
	t.Parallel()
	layer := layered("Named", func(b *app.PluginBuilder[string]) { b.Provide("instance of " + *b.Config()) })
	a := app.New(quiet)
	outer := app.NewScope(a, "/outer")
	inner := app.NewScope(outer, "/outer/inner")
	beside := app.NewScope(a, "/beside")
	for _, name := range []string{"a1", "a2"} {
		a.Install(named(layer, name))
	}
	for _, name := range []string{"o1", "o2"} {
		outer.Install(named(layer, name))
	}
	for name, test := range map[string]struct {
		scope app.Scope
		want  string
	}{"where it is": {outer, "o2"}, "below": {inner, "o2"}, "beside": {beside, "a2"}, "application": {a, "a2"}} {
		config, ok := layer.In(test.scope)
		require.True(t, ok, name)
		assert.Equal(t, test.want, *config, name)
		instance, ok := app.InstanceOf[string](layer, test.scope)
		require.True(t, ok, name)
		assert.Equal(t, "instance of "+test.want, instance, name)
	}
}

func TestLayerFromProperties(t *testing.T) {
	t.Parallel()
	var seen journal
	layer := tracingLayer(&seen)
	a := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) {
			c.Properties = app.NewProperties(map[string]any{"trace": map[string]any{"name": "properties"}})
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Install(layer.FromProperties("trace.name"))
			r.Install(named(layer, "own"))
			r.Get("/", text("root"))
		})
	})
	get(t, a, "/")
	assert.Equal(t, []string{"L:properties", "L:own"}, seen.all())
}

// A layer asks for routes once, however often it is installed.
func TestDefaultRoutesOfALayer(t *testing.T) {
	t.Parallel()
	var seen journal
	log := &logbook{}
	layer := layered("Options", func(b *app.PluginBuilder[string]) {
		b.DefaultRoutes(http.MethodOptions, "")
		b.DefaultRoutes(http.MethodHead, http.MethodGet)
		b.OnCall(func(*app.Call) error { seen.add(*b.Config()); return nil })
	})
	a := start(t, log.module, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/api", func(r *routing.Route) {
				r.Install(named(layer, "1"))
				r.Install(named(layer, "2"))
				r.Get("/x", text("x"))
			})
		})
	})
	for _, method := range []string{http.MethodOptions, http.MethodHead} {
		do(t, a, httptest.NewRequest(method, "/api/x", nil))
	}
	assert.Equal(t, []string{"1", "2", "1", "2"}, seen.all())
	assert.Empty(t, log.messages())
}

func TestMistakesWithLayers(t *testing.T) {
	t.Parallel()
	other := layered("Trace", func(*app.PluginBuilder[string]) {})
	for name, test := range map[string]struct {
		make func(a *app.Application) (site string)
		want string
	}{
		"another layer of that name": {func(a *app.Application) (site string) {
			a.Install(tracingLayer(nil))
			site = below()
			app.NewScope(a, "/x").Install(other)
			return site
		}, "install Trace: another plugin of that name is installed, at FIRST"},
		"no setup": {func(a *app.Application) (site string) {
			broken := app.NewLayer[int]("Broken", func() int { return 0 }, nil)
			site = below()
			a.Install(broken)
			return site
		}, "install Broken: FIRST: new plugin: the setup function is nil"},
		"no configuration function": {func(a *app.Application) (site string) {
			site = below()
			a.Install(other.With(nil))
			return site
		}, "install Trace: the configuration function is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site string
			err := app.New(quiet, func(a *app.Application) { site = test.make(a) }).Start(t.Context())
			require.Error(t, err)
			want := site + ": " + strings.ReplaceAll(test.want, "FIRST", twoAbove(site))
			assert.True(t, slices.Contains(strings.Split(err.Error(), "\n"), want), "%q lacks %q", err, want)
		})
	}
}
