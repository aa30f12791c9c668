package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// allPhases installs an interceptor on each phase, the last phase first.
func allPhases(seen *journal, scope app.Scope, name string) {
	for phase := app.PhaseFallback; phase >= app.PhaseSetup; phase-- {
		scope.Intercept(phase, note(seen, name+" "+phase.String()))
	}
}

func TestOrderIsPhaseNestingInstallation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module func(a *app.Application, seen *journal)
		path   string
		want   []string
	}{
		"phases, wherever installed": {
			func(a *app.Application, seen *journal) { allPhases(seen, a, "a") }, "/",
			[]string{"a Setup", "a Monitoring", "a Plugins", "a Call", "a Fallback"},
		},
		"installation within a phase, whatever the kind": {
			func(a *app.Application, seen *journal) {
				a.Use(noting(seen, "first"), noting(seen, "second"))
				a.Install(tracing(seen, "third"))
				a.Intercept(app.PhasePlugins, note(seen, "fourth"))
				a.Use(noting(seen, "fifth"))
			}, "/",
			[]string{"first", "second", "call third", "fourth", "fifth"},
		},
		"phase before nesting, nesting before installation": {
			func(a *app.Application, seen *journal) {
				routes(a, func(root *branch) {
					root.at("a", func(inner *branch) {
						allPhases(seen, inner, "inner")
						inner.handle("", func(*app.Call) error { seen.add("handler"); return nil })
					})
					allPhases(seen, root, "root")
				})
				allPhases(seen, a, "application")
			}, "/a",
			[]string{
				"application Setup", "application Monitoring", "application Plugins", "application Call",
				"root Setup", "inner Setup", "root Monitoring", "inner Monitoring",
				"root Plugins", "inner Plugins", "root Call", "inner Call", "handler",
				"root Fallback", "inner Fallback", "application Fallback",
			},
		},
		"what stands on a route runs only when it matched": {
			func(a *app.Application, seen *journal) {
				routes(a, func(root *branch) {
					root.Install(tracing(seen, "root"))
					root.Intercept(app.PhaseSetup, note(seen, "root Setup"))
					root.at("a", func(inner *branch) {
						inner.Use(noting(seen, "inner middleware"))
						inner.handle("", text("a"))
					})
				})
			}, "/b", nil,
		},
		"middlewares of the root see every call, before routing": {
			func(a *app.Application, seen *journal) {
				routes(a, func(root *branch) {
					root.handle("", text("root"))
					root.Use(noting(seen, "root middleware"))
					root.Intercept(app.PhasePlugins, note(seen, "root Plugins"))
				})
				a.Use(noting(seen, "application middleware"))
			}, "/nowhere",
			[]string{"root middleware", "application middleware"},
		},
		"plugins installed after the routes": {
			func(a *app.Application, seen *journal) {
				routes(a, func(root *branch) {
					root.handle("", func(*app.Call) error { seen.add("handler"); return nil })
				})
				a.Install(tracing(seen, "late"))
			}, "/",
			[]string{"call late", "handler"},
		},
		"hooks run for a call that is answered, handlers and fallback do not": {
			func(a *app.Application, seen *journal) {
				a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
					return func(c *app.Call) error {
						if err := c.RespondText("early"); err != nil {
							return err
						}
						return next(c)
					}
				})
				a.Install(tracing(seen, "plugin"))
				a.Use(noting(seen, "middleware"))
				allPhases(seen, a, "application")
				routes(a, func(root *branch) {
					root.handle("", func(*app.Call) error { seen.add("handler"); return nil })
				})
			}, "/",
			[]string{"application Setup", "application Monitoring", "call plugin", "application Plugins", "application Call"},
		},
		"an interceptor that does not call the rest ends the way": {
			func(a *app.Application, seen *journal) {
				a.Intercept(app.PhaseMonitoring, func(app.Handler) app.Handler { return text("here") })
				a.Install(tracing(seen, "plugin"))
			}, "/", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) { test.module(a, &seen) })
			get(t, a, test.path)
			assert.Equal(t, test.want, seen.all())
		})
	}
}

func TestInterceptorSeesBothWays(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, answering(text("x")), func(a *app.Application) {
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				assert.False(t, c.Answered())
				assert.Zero(t, c.Status())
				err := next(c)
				assert.True(t, c.Answered())
				assert.Equal(t, http.StatusOK, c.Status())
				seen.add("back")
				return err
			}
		})
	})
	assert.Equal(t, "x", body(t, get(t, a, "/")))
	assert.Equal(t, []string{"back"}, seen.all())
}

func TestSendStepsRunInOrder(t *testing.T) {
	t.Parallel()
	var seen journal
	step := func(name string) app.SendHook {
		return func(*app.Call, *app.Outgoing) error { seen.add(name); return nil }
	}
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendAfter, step("after"))
		a.Install(app.NewPlugin("Steps", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.OnBodyReady(step("plugin after"))
			b.OnCallRespond(step("plugin transform"))
			return nil
		}))
		a.InterceptSend(app.SendTransferEncoding, step("transfer"))
		a.InterceptSend(app.SendContentEncoding, step("content"))
		a.InterceptSend(app.SendRender, step("render"))
		a.InterceptSend(app.SendTransform, step("transform"))
		routes(a, func(root *branch) {
			root.InterceptSend(app.SendAfter, step("route after"))
			root.InterceptSend(app.SendTransform, step("route transform"))
			root.handle("", text("x"))
		})
	})
	get(t, a, "/")
	assert.Equal(t, []string{
		"plugin transform", "transform", "route transform", "render",
		"content", "transfer", "after", "plugin after", "route after",
	}, seen.all())
}
