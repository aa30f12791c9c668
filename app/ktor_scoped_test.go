package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

type testPluginConfig struct{ Name, Desc string }

// reporting returns a scoped plugin that reports its configuration from where
// attach puts it.
func reporting(attach func(b *app.PluginBuilder[testPluginConfig], report func(c *app.Call))) *app.Plugin[testPluginConfig] {
	return app.NewScopedPlugin("TestPlugin", func() testPluginConfig { return testPluginConfig{"defaultName", "defaultDesc"} },
		func(b *app.PluginBuilder[testPluginConfig]) error {
			attach(b, func(c *app.Call) { c.Header().Add("Report", b.Config().Name+" "+b.Config().Desc) })
			return nil
		})
}

func TestKtorRouteScopedPluginTest(t *testing.T) {
	plugin := reporting(func(b *app.PluginBuilder[testPluginConfig], report func(c *app.Call)) {
		b.OnCall(func(c *app.Call) error { report(c); return nil })
	})
	everywhere := reporting(func(b *app.PluginBuilder[testPluginConfig], report func(c *app.Call)) {
		b.OnCall(func(c *app.Call) error { report(c); return nil })
		b.InterceptReceive(app.ReceiveBefore, func(c *app.Call, _ *app.Incoming) error { report(c); return nil })
		b.OnCallRespond(func(c *app.Call, _ *app.Outgoing) error { report(c); return nil })
	})
	echo := func(c *app.Call) error {
		received, err := c.ReceiveText()
		return errors.Join(err, c.RespondText(received))
	}
	configured := func(plugin *app.Plugin[testPluginConfig], name, desc string) app.Installable {
		return plugin.With(func(c *testPluginConfig) {
			if c.Name = name; desc != "" {
				c.Desc = desc
			}
		})
	}
	nested := func(plugin *app.Plugin[testPluginConfig]) app.Module {
		return routed(func(r *routing.Route) {
			r.Route("/root-no-plugin", func(r *routing.Route) {
				r.Route("/first-plugin", func(r *routing.Route) {
					r.Install(configured(plugin, "foo", "test plugin"))
					r.Post("", echo)
					r.Route("/inner", func(r *routing.Route) {
						r.Route("/new-plugin", func(r *routing.Route) {
							r.Install(configured(plugin, "bar", ""))
							r.Route("/inner", func(r *routing.Route) { r.Post("", echo) })
							r.Post("", echo)
						})
						r.Post("", echo)
					})
				})
				r.Post("", echo)
			})
		})
	}
	reports := func(times int) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			for path, report := range map[string]string{
				"":                                     "",
				"/first-plugin":                        "foo test plugin",
				"/first-plugin/inner":                  "foo test plugin",
				"/first-plugin/inner/new-plugin":       "bar defaultDesc",
				"/first-plugin/inner/new-plugin/inner": "bar defaultDesc",
			} {
				response := host.Post("/root-no-plugin"+path, "text/plain", strings.NewReader("test"))
				expect(t, response, 200, "test")
				var want []string
				for range times {
					if report != "" {
						want = append(want, report)
					}
				}
				assert.Equal(t, want, response.Header["Report"], path)
			}
		}
	}
	runKtor(t, map[string]ktorCase{
		"testPluginInstalledInRoutingScope": {nested(plugin), reports(1)},
		"testAllPipelinesPlugin":            {nested(everywhere), reports(3)},
		"testPluginDoNotReuseConfig": {routed(func(r *routing.Route) {
			r.Route("/root", func(r *routing.Route) {
				r.Install(configured(plugin, "foo", "test plugin"))
				r.Route("/plugin1", func(r *routing.Route) {
					r.Install(plugin.With(func(c *testPluginConfig) { c.Desc = "new desc" }))
					r.Post("", echo)
					r.Route("/plugin2", func(r *routing.Route) { r.Install(configured(plugin, "new name", "")); r.Post("", echo) })
				})
				r.Post("", echo)
			})
		}), func(t *testing.T, host *apptest.Host) {
			for path, report := range map[string]string{
				"/root": "foo test plugin", "/root/plugin1": "defaultName new desc", "/root/plugin1/plugin2": "new name defaultDesc",
			} {
				assert.Equal(t, []string{report}, host.Post(path, "text/plain", strings.NewReader("test")).Header["Report"])
			}
		}},
	})
	for name, module := range map[string]app.Module{
		"testPluginInstalledTopLevel": func(a *app.Application) {
			a.Install(plugin)
			routing.Routes(a, func(r *routing.Route) { r.Install(plugin) })
		},
		"testMultiplePluginInstalledAtTheSameRoute": routed(func(r *routing.Route) {
			r.Route("/root", func(r *routing.Route) { r.Install(plugin) })
			r.Route("/root", func(r *routing.Route) { r.Install(plugin) })
		}),
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, app.New(quiet, module).Start(t.Context()), "install TestPlugin: it is already installed")
		})
	}
}

// TestKtorRoutingProcessingTest has the tests of the class that are about
// plugins and not about paths.
func TestKtorRoutingProcessingTest(t *testing.T) {
	wrapping := func(name string, phase app.Phase, seen *journal) app.Installable {
		return app.NewScopedPlugin(name, func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.Intercept(phase, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					seen.add("root")
					defer seen.add("unwrapped")
					return next(c)
				}
			})
			return nil
		})
	}
	for name, test := range map[string]struct {
		phase app.Phase
		want  []string
	}{
		"testInterceptionOrderWhenOuterShouldBeAfter":                {app.PhaseCall, []string{"user", "root", "john", "unwrapped"}},
		"testInterceptionOrderWhenOuterShouldBeBeforeBecauseOfOrder": {app.PhasePlugins, []string{"root", "user", "john", "unwrapped"}},
	} {
		t.Run(name, func(t *testing.T) {
			var seen journal
			get(t, start(t, routed(func(r *routing.Route) {
				r.Install(wrapping("test", test.phase, &seen))
				r.Route("/user", func(r *routing.Route) {
					r.Install(onCall("test-route", func(*app.Call) error { seen.add("user"); return nil }))
					r.Get("/{username}", func(c *app.Call) error { seen.add(c.PathParam("username")); return nil })
				})
			})), "/user/john")
			assert.Equal(t, test.want, seen.all())
		})
	}
	t.Run("testInterceptReceivePipeline", func(t *testing.T) {
		type foo struct{ made bool }
		var seen journal
		a := start(t, routed(func(r *routing.Route) {
			r.Install(wrapping("test", app.PhasePlugins, &seen))
			r.Route("/user", func(r *routing.Route) {
				r.InterceptReceive(app.ReceiveTransform, func(_ *app.Call, in *app.Incoming) error {
					seen.add("receive")
					in.Done, in.Target.(*foo).made = true, true
					return nil
				})
				r.Get("/{username}", func(c *app.Call) error {
					instance, err := app.Receive[foo](c)
					assert.True(t, instance.made)
					return err
				})
			})
		}))
		get(t, a, "/user/john")
		assert.Equal(t, []string{"root", "receive", "unwrapped"}, seen.all())
	})
	t.Run("testRoutingNotCalledForHandledRequests", func(t *testing.T) {
		a := start(t, func(a *app.Application) {
			a.Install(onCall("Handler", func(c *app.Call) error { return c.RespondText("plugin") }))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					assert.Fail(t, "the call is answered")
					return c.RespondText("routing")
				})
			})
		})
		assert.Equal(t, "plugin", body(t, get(t, a, "/")))
	})
}

// TestKtorMissingPlugin: a handler finds out whether a plugin is installed.
//
// Ktor: SessionTest's testMissingSessionsPlugin, TestApplicationTestJvm's
// testRetrievingPluginInstance.
func TestKtorMissingPlugin(t *testing.T) {
	t.Parallel()
	for name, installed := range map[string]bool{"testMissingSessionsPlugin": false, "testRetrievingPluginInstance": true} {
		t.Run(name, func(t *testing.T) {
			a := start(t, func(a *app.Application) {
				if installed {
					a.Install(greetingPlugin)
				}
			}, answering(func(c *app.Call) error {
				config, found := greetingPlugin.In(c.Scope())
				if !found {
					return app.NewError(http.StatusTeapot, greetingPlugin.Name()+" is missing")
				}
				return c.RespondText(config.Greeting)
			}))
			response := get(t, a, "/")
			if installed {
				assert.Equal(t, "hello", body(t, response))
			} else {
				assert.Equal(t, "Greeting is missing", body(t, response))
			}
		})
	}
}
