package app_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

func TestKtorApplicationPluginTest(t *testing.T) {
	type config struct{ Enabled bool }
	simple := app.NewPlugin("F", func() config { return config{true} }, func(b *app.PluginBuilder[config]) error {
		b.OnCall(func(c *app.Call) error {
			if b.Config().Enabled {
				return c.RespondText("Plugin enabled!")
			}
			return nil
		})
		return nil
	})
	fKey := app.NewKey[string]("FKey")
	phases := app.NewPlugin("F", func() config { return config{} }, func(b *app.PluginBuilder[config]) error {
		b.OnCall(func(c *app.Call) error {
			if data := c.Request.Header.Get("F"); data != "" {
				fKey.Set(c, data)
			}
			return nil
		})
		b.OnCallRespond(func(c *app.Call, out *app.Outgoing) error {
			if data, ok := fKey.Get(c); ok {
				out.Value = data
			}
			return nil
		})
		return nil
	})
	twice := app.NewPlugin("F", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
		for range 2 {
			b.OnCall(func(c *app.Call) error { c.Header().Add("Processed", "yes"); return nil })
		}
		return nil
	})
	request := routed(func(r *routing.Route) { r.Get("/request", text("response")) })
	with := func(plugin app.Installable) app.Module {
		return func(a *app.Application) { a.Install(plugin); request(a) }
	}
	type number struct{ x int }
	runKtor(t, map[string]ktorCase{
		"test_empty_plugin_does_not_break_pipeline":     {with(plainPlugin), gets("/request", 200, "response")},
		"test_plugin_with_single_interception":          {with(simple), gets("/request", 200, "Plugin enabled!")},
		"test_plugin_with_single_interception_disabled": {with(simple.With(func(c *config) { c.Enabled = false })), gets("/request", 200, "response")},
		"test_plugin_with_multiple_phases":              {with(phases), gets("/request", 200, "response")},
		"test_plugin_with_multiple_phases_custom_data": {with(phases), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/request", apptest.Header("F", "custom data")), 200, "custom data")
		}},
		"test_same_phase_defined_twice": {with(twice), func(t *testing.T, host *apptest.Host) { assert.Len(t, host.Get("/request").Header["Processed"], 2) }},
		"testTransformBody": {func(a *app.Application) {
			a.Install(app.NewPlugin("F", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
				b.OnCallReceive(func(_ *app.Call, in *app.Incoming) error {
					target, ok := in.Target.(*number)
					if !ok {
						return nil
					}
					in.Done = true
					_, err := fmt.Fscan(in.Body, &target.x)
					return err
				})
				b.OnCallRespond(func(_ *app.Call, out *app.Outgoing) error {
					if value, ok := out.Value.(number); ok {
						out.SetText(strconv.Itoa(value.x))
					}
					return nil
				})
				return nil
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/receive", func(c *app.Call) error {
					data, err := app.Receive[number](c)
					return errors.Join(err, c.Respond(number{data.x + 1}))
				})
			})
		}, func(t *testing.T, host *apptest.Host) {
			expect(t, host.Post("/receive", "", strings.NewReader("100501")), 200, "100502")
		}},
	})
}

// TestKtorApplicationPluginTest_installations: what an installation is.
func TestKtorApplicationPluginTest_installations(t *testing.T) {
	installed := 0
	counting := app.NewScopedPlugin("P", func() int { return 0 }, func(*app.PluginBuilder[int]) error { installed++; return nil })
	mutable := app.NewPlugin("F", func() string { return "" }, func(b *app.PluginBuilder[string]) error {
		b.OnCall(func(c *app.Call) error {
			old := *b.Config()
			*b.Config() = "newValue"
			return c.RespondText(old + ":" + *b.Config())
		})
		return nil
	})
	scoped := app.NewScopedPlugin("F", func() string { return "default" }, func(b *app.PluginBuilder[string]) error {
		b.OnCall(func(c *app.Call) error { return c.RespondText(*b.Config()) })
		return nil
	})
	named := func(name string) app.Installable { return scoped.With(func(c *string) { *c = name }) }
	where := func(name, header string) *app.Plugin[int] {
		return app.NewScopedPlugin(name, func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			onApplication := b.Scope() == app.Scope(b.Application())
			b.OnCall(func(c *app.Call) error {
				if onApplication {
					c.Header().Set(header, "no route")
				} else {
					c.Header().Set(header, c.Route())
				}
				return nil
			})
			return nil
		})
	}
	nothing := func(*app.Call) error { return nil }
	runKtor(t, map[string]ktorCase{
		"test_multiple_installs_changing_config": {func(a *app.Application) {
			// Each application has its own configuration.
			a.Install(mutable.With(func(c *string) { *c = "oldValue" }))
		}, gets("/request", 200, "oldValue:newValue")},
		"test_routing_scoped_install": {routed(func(r *routing.Route) {
			r.Get("/", nothing)
			r.Route("/top", func(r *routing.Route) {
				r.Install(named("/top"))
				r.Get("", nothing)
				r.Route("/nested1", func(r *routing.Route) {
					r.Install(named("/nested1"))
					r.Get("", nothing)
					r.Route("/nested", func(r *routing.Route) { r.Install(scoped); r.Get("", nothing) })
				})
				r.Route("/nested2", func(r *routing.Route) { r.Install(named("/nested2")); r.Get("", nothing) })
			})
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/top"), 200, "/top")
			expect(t, host.Get("/top/nested1"), 200, "/nested1")
			expect(t, host.Get("/top/nested2"), 200, "/nested2")
			expect(t, host.Get("/top/nested1/nested"), 200, "default")
			expect(t, host.Get("/"), 404, "")
		}},
		"test_routing_scoped_install_can_access_route": {func(a *app.Application) {
			a.Install(where("A", "Path-1"))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", text("OK"))
				r.Route("/a", func(r *routing.Route) { r.Install(where("B", "Path-2")); r.Get("", text("OK")) })
			})
		}, func(t *testing.T, host *apptest.Host) {
			root, a := host.Get("/").Header, host.Get("/a").Header
			assert.Equal(t, "no route", root.Get("Path-1"))
			assert.NotContains(t, root, "Path-2")
			assert.Equal(t, "no route", a.Get("Path-1"))
			assert.Equal(t, "/a", a.Get("Path-2"))
		}},
	})
	t.Run("test_side_effect_of_install_called_on_every_installation", func(t *testing.T) {
		start(t, routed(func(r *routing.Route) {
			r.Route("/1", func(r *routing.Route) { r.Install(counting) })
			r.Route("/2", func(r *routing.Route) { r.Install(counting) })
		}))
		assert.Equal(t, 2, installed)
	})
}

func TestKtorHooksTest(t *testing.T) {
	t.Parallel()
	ask := func(t *testing.T, status int, text string, modules ...app.Module) {
		t.Helper()
		response := get(t, start(t, modules...), "/")
		assert.Equal(t, status, response.StatusCode)
		assert.Equal(t, text, body(t, response))
	}
	t.Run("testCustomHookExecuted", func(t *testing.T) {
		executed := false
		// A hook is a function: it takes the builder, or anything that can be
		// intercepted.
		onEveryCall := func(s interface {
			Intercept(phase app.Phase, interceptor func(next app.Handler) app.Handler)
		}, hook func(*app.Call)) {
			s.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
				return func(c *app.Call) error { hook(c); return next(c) }
			})
		}
		plugin := app.NewPlugin("TestPlugin", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			onEveryCall(b, func(*app.Call) { executed = true })
			return nil
		})
		ask(t, 200, "OK", func(a *app.Application) { a.Install(plugin) }, answering(text("OK")))
		assert.True(t, executed)
	})
	t.Run("testMonitoringEventHook", func(t *testing.T) {
		var seen journal
		plugin := app.NewPlugin("ShutdownHandler", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.OnStop(lifecycleHook(&seen, "stopped"))
			b.OnStart(lifecycleHook(&seen, "started"))
			return nil
		})
		a := app.New(quiet, func(a *app.Application) { a.Install(plugin) }, answering(text("OK")))
		require.NoError(t, a.Start(t.Context()))
		assert.Equal(t, "OK", body(t, get(t, a, "/")))
		assert.Equal(t, []string{"started"}, seen.all())
		require.NoError(t, a.Stop(context.Background()))
		assert.Equal(t, []string{"started", "stopped"}, seen.all())
	})
	t.Run("testOnCallFailedHook", func(t *testing.T) {
		var failed error
		plugin := onFailed("FailedHandler", func(_ *app.Call, cause error) error { failed = cause; return nil })
		ask(t, 500, "Internal Server Error", func(a *app.Application) { a.Install(plugin) },
			routed(func(r *routing.Route) { r.Get("/", func(*app.Call) error { return errBroken }) }))
		assert.Equal(t, errBroken, failed)
	})
	t.Run("testHookWithRoutingPlugin", func(t *testing.T) {
		var seen journal
		plugin := app.NewScopedPlugin("MyRoutePlugin", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.Intercept(app.PhaseCall, note(&seen, strconv.Itoa(*b.Config())))
			return nil
		})
		a := start(t, routed(func(r *routing.Route) {
			for i := 1; i <= 2; i++ {
				r.Route("/"+strconv.Itoa(i), func(r *routing.Route) {
					r.Install(plugin.With(func(c *int) { *c = i }))
					r.Get("", text("Hello-"+strconv.Itoa(i)))
				})
			}
			r.Get("/3", text("Hello-3"))
		}))
		for i, want := range map[int][]string{1: {"1"}, 2: {"2"}, 3: nil} {
			seen = journal{}
			assert.Equal(t, fmt.Sprint("Hello-", i), body(t, get(t, a, fmt.Sprint("/", i))))
			assert.Equal(t, want, seen.all(), "of this call alone")
		}
	})
	for name, test := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"testResponseSentBlockCalledOnBadRequestException": {app.NewError(400, "Bad Request"), 400, "Bad Request"},
		"testResponseSentBlockCalledOnException":           {errBroken, 500, "Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			sent := false
			ask(t, test.status, test.text, routed(func(r *routing.Route) {
				r.Install(onSent("Plugin", func(*app.Call) { sent = true }))
				r.Get("/", func(*app.Call) error { return test.err })
			}))
			assert.True(t, sent)
		})
	}
}

// TestKtorHooksTestSuite is the last test of HooksTest, on a real server.
func TestKtorHooksTestSuite(t *testing.T) {
	var sent journal
	runKtor(t, map[string]ktorCase{"responseSentBlockCalledOnException": {routed(func(r *routing.Route) {
		r.Install(onSent("Plugin", func(c *app.Call) { sent.add(c.Request.Proto) }))
		r.Get("/", func(*app.Call) error { return app.NewError(400, "Bad Request") })
	}), func(t *testing.T, host *apptest.Host) {
		response := host.Get("/")
		expect(t, response, 400, "Bad Request")
		synctest.Wait()
		assert.Contains(t, sent.all(), response.Proto)
	}}})
}
