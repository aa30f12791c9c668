package app_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// through is a middleware that does nothing.
func through(next http.Handler) http.Handler { return next }

// onAScope are the mistakes that every scope tells. Each returns the line that
// makes it.
var onAScope = map[string]struct {
	add  func(s app.Scope) (site string)
	want string
}{
	"Install": {func(s app.Scope) (site string) {
		site = below()
		s.Install(nil)
		return site
	}, "install: the plugin is nil"},
	"Install a nil *Plugin": {func(s app.Scope) (site string) {
		var missing *app.Plugin[int]
		site = below()
		s.Install(missing)
		return site
	}, "install: the plugin is nil"},
	"Install a nil *Plugin with a configuration": {func(s app.Scope) (site string) {
		var missing *app.Plugin[int]
		site = below()
		s.Install(missing.FromProperties("x").With(func(*int) {}))
		return site
	}, "install: the plugin is nil"},
	"With": {func(s app.Scope) (site string) {
		site = below()
		s.Install(scopedPlugin.With(nil))
		return site
	}, "install Scoped: the configuration function is nil"},
	"With, on an earlier line": {func(s app.Scope) (site string) {
		site = below()
		configured := scopedPlugin.With(nil)
		s.Install(configured)
		return site
	}, "install Scoped: the configuration function is nil"},
	"Use": {func(s app.Scope) (site string) {
		site = below()
		s.Use(nil)
		return site
	}, "use: the middleware is nil"},
	"Use, one of several": {func(s app.Scope) (site string) {
		site = below()
		s.Use(through, nil, through)
		return site
	}, "use: middleware 2 of 3 is nil"},
	"Intercept": {func(s app.Scope) (site string) {
		site = below()
		s.Intercept(app.PhaseCall, nil)
		return site
	}, "intercept Call: the interceptor is nil"},
	"Intercept after the last phase": {func(s app.Scope) (site string) {
		site = below()
		s.Intercept(app.PhaseFallback+1, func(next app.Handler) app.Handler { return next })
		return site
	}, "intercept: there is no Phase(5)"},
	"Intercept before the first phase": {func(s app.Scope) (site string) {
		site = below()
		s.Intercept(-1, nil)
		return site
	}, "intercept: there is no Phase(-1)"},
	"InterceptSend": {func(s app.Scope) (site string) {
		site = below()
		s.InterceptSend(app.SendAfter, nil)
		return site
	}, "intercept a send step: the hook is nil"},
	"InterceptSend after the last step": {func(s app.Scope) (site string) {
		site = below()
		s.InterceptSend(app.SendAfter+1, func(*app.Call, *app.Outgoing) error { return nil })
		return site
	}, "intercept a send step: there is no SendStep(5)"},
	"InterceptSend before the first step": {func(s app.Scope) (site string) {
		site = below()
		s.InterceptSend(-9, func(*app.Call, *app.Outgoing) error { return nil })
		return site
	}, "intercept a send step: there is no SendStep(-9)"},
	"InterceptReceive": {func(s app.Scope) (site string) {
		site = below()
		s.InterceptReceive(app.ReceiveBefore, nil)
		return site
	}, "intercept a receive step: the hook is nil"},
	"InterceptReceive after the last step": {func(s app.Scope) (site string) {
		site = below()
		s.InterceptReceive(app.ReceiveAfter+1, func(*app.Call, *app.Incoming) error { return nil })
		return site
	}, "intercept a receive step: there is no ReceiveStep(3)"},
	"InterceptReceive before the first step": {func(s app.Scope) (site string) {
		site = below()
		s.InterceptReceive(-1, func(*app.Call, *app.Incoming) error { return nil })
		return site
	}, "intercept a receive step: there is no ReceiveStep(-1)"},
}

// TestAScopeRefusesNilAndTheUnknown: with the line of whoever called, before
// the first call; whatever kind of scope was asked.
func TestAScopeRefusesNilAndTheUnknown(t *testing.T) {
	t.Parallel()
	for name, test := range onAScope {
		for kind, of := range map[string]func(a *app.Application) app.Scope{
			"the application": func(a *app.Application) app.Scope { return a },
			"a route":         func(a *app.Application) app.Scope { return app.NewScope(app.NewScope(a, "/"), "/users") },
		} {
			t.Run(name+" on "+kind, func(t *testing.T) {
				t.Parallel()
				var site string
				a := app.New(quiet, func(a *app.Application) { site = test.add(of(a)) })
				require.EqualError(t, a.Start(t.Context()), site+": "+test.want)
				assertUnavailable(t, a)
			})
		}
		t.Run(name+" at a site", func(t *testing.T) {
			t.Parallel()
			a := app.New(quiet, func(a *app.Application) {
				test.add(app.ScopeAt(a, app.Site{File: "/src/users/module.go", Line: 12}))
			})
			err := a.Start(t.Context())
			if name == "With" || name == "With, on an earlier line" { // a line of its own
				require.ErrorContains(t, err, ": "+test.want)
				return
			}
			require.EqualError(t, err, "users/module.go:12: "+test.want)
		})
	}
}

// TestTheApplicationRefusesNil: what has no scope but the application. Here its
// methods are called directly, and not as those of an interface.
func TestTheApplicationRefusesNil(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		add  func(a *app.Application) (site string)
		want string
	}{
		"Install": {func(a *app.Application) (site string) {
			site = below()
			a.Install(nil)
			return site
		}, "install: the plugin is nil"},
		"Use": {func(a *app.Application) (site string) {
			site = below()
			a.Use(nil)
			return site
		}, "use: the middleware is nil"},
		"Use, as a function": {func(a *app.Application) (site string) {
			use := a.Use
			site = below()
			use(nil)
			return site
		}, "use: the middleware is nil"},
		"Intercept": {func(a *app.Application) (site string) {
			site = below()
			a.Intercept(app.PhaseSetup, nil)
			return site
		}, "intercept Setup: the interceptor is nil"},
		"InterceptSend": {func(a *app.Application) (site string) {
			site = below()
			a.InterceptSend(app.SendRender, nil)
			return site
		}, "intercept a send step: the hook is nil"},
		"InterceptReceive": {func(a *app.Application) (site string) {
			site = below()
			a.InterceptReceive(app.ReceiveAfter, nil)
			return site
		}, "intercept a receive step: the hook is nil"},
		"Configure": {func(a *app.Application) (site string) {
			site = below()
			a.Configure(nil)
			return site
		}, "configure: the configuration function is nil"},
		"SetRouter": {func(a *app.Application) (site string) {
			site = below()
			a.SetRouter(nil)
			return site
		}, "set a router: the freeze function is nil"},
		"OnModulesLoaded": {func(a *app.Application) (site string) {
			site = below()
			a.OnModulesLoaded(nil)
			return site
		}, "add a modules-loaded hook: the hook is nil"},
		"OnStart": {func(a *app.Application) (site string) {
			site = below()
			a.OnStart(nil)
			return site
		}, "add a start hook: the hook is nil"},
		"OnStopPreparing": {func(a *app.Application) (site string) {
			site = below()
			a.OnStopPreparing(nil)
			return site
		}, "add a stop-preparing hook: the hook is nil"},
		"OnStop": {func(a *app.Application) (site string) {
			site = below()
			a.OnStop(nil)
			return site
		}, "add a stop hook: the hook is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site string
			a := app.New(quiet, func(a *app.Application) {
				a.OnStart(func(context.Context) error { return errors.New("must not run") })
				site = test.add(a)
			})
			require.EqualError(t, a.Start(t.Context()), site+": "+test.want)
			assertUnavailable(t, a)
		})
	}
}

// TestAnEndpointRefusesNil: a router hands the error on.
func TestAnEndpointRefusesNil(t *testing.T) {
	t.Parallel()
	scope := app.NewScope(app.New(), "/")
	site := below()
	_, err := app.NewEndpoint(scope, "/users", nil)
	require.EqualError(t, err, site+": new endpoint /users: the handler is nil")
	site = below()
	_, err = app.NewEndpoint(scope, "/users", text("x"), nil)
	require.EqualError(t, err, site+": new endpoint /users: handler 2 of 2 is nil")
}

func TestANilModuleIsAMistakeOfWhoeverCallsNew(t *testing.T) {
	t.Parallel()
	site := below()
	a := app.New(nil)
	require.EqualError(t, a.Start(t.Context()), site+": new application: the module is nil")

	ran := false
	site = below()
	a = app.New(quiet, nil, func(*app.Application) { ran = true })
	require.EqualError(t, a.Start(t.Context()), site+": new application: module 2 of 3 is nil")
	assert.True(t, ran, "all mistakes come together")
}

// TestASetupRefusesNilAndTheUnknown: at the line that installed the plugin, and
// the text names the line in the setup.
func TestASetupRefusesNilAndTheUnknown(t *testing.T) {
	t.Parallel()
	type builder = *app.PluginBuilder[int]
	for name, test := range map[string]struct {
		add  func(b builder) (site string)
		want string
	}{
		"OnCall": {func(b builder) (site string) {
			site = below()
			b.OnCall(nil)
			return site
		}, "add an OnCall hook: the hook is nil"},
		"OnCallReceive": {func(b builder) (site string) {
			site = below()
			b.OnCallReceive(nil)
			return site
		}, "add an OnCallReceive hook: the hook is nil"},
		"OnCallRespond": {func(b builder) (site string) {
			site = below()
			b.OnCallRespond(nil)
			return site
		}, "add an OnCallRespond hook: the hook is nil"},
		"OnBodyReady": {func(b builder) (site string) {
			site = below()
			b.OnBodyReady(nil)
			return site
		}, "add an OnBodyReady hook: the hook is nil"},
		"OnCallFailed": {func(b builder) (site string) {
			site = below()
			b.OnCallFailed(nil)
			return site
		}, "add an OnCallFailed hook: the hook is nil"},
		"OnResponseSent": {func(b builder) (site string) {
			site = below()
			b.OnResponseSent(nil)
			return site
		}, "add an OnResponseSent hook: the hook is nil"},
		"OnModulesLoaded": {func(b builder) (site string) {
			site = below()
			b.OnModulesLoaded(nil)
			return site
		}, "add a modules-loaded hook: the hook is nil"},
		"OnStart": {func(b builder) (site string) {
			site = below()
			b.OnStart(nil)
			return site
		}, "add a start hook: the hook is nil"},
		"OnStopPreparing": {func(b builder) (site string) {
			site = below()
			b.OnStopPreparing(nil)
			return site
		}, "add a stop-preparing hook: the hook is nil"},
		"OnStop": {func(b builder) (site string) {
			site = below()
			b.OnStop(nil)
			return site
		}, "add a stop hook: the hook is nil"},
		"Use": {func(b builder) (site string) {
			site = below()
			b.Use(through, nil)
			return site
		}, "use: middleware 2 of 2 is nil"},
		"Intercept": {func(b builder) (site string) {
			site = below()
			b.Intercept(app.PhaseMonitoring, nil)
			return site
		}, "intercept Monitoring: the interceptor is nil"},
		"Intercept an unknown phase": {func(b builder) (site string) {
			site = below()
			b.Intercept(9, func(next app.Handler) app.Handler { return next })
			return site
		}, "intercept: there is no Phase(9)"},
		"InterceptUntilCommit": {func(b builder) (site string) {
			site = below()
			b.InterceptUntilCommit(app.PhaseCall, nil)
			return site
		}, "intercept Call: the interceptor is nil"},
		"InterceptUntilCommit an unknown phase": {func(b builder) (site string) {
			site = below()
			b.InterceptUntilCommit(-1, func(next app.Handler) app.Handler { return next })
			return site
		}, "intercept: there is no Phase(-1)"},
		"OnPhase": {func(b builder) (site string) {
			site = below()
			b.OnPhase(app.PhaseCall, nil)
			return site
		}, "add an OnPhase hook: the hook is nil"},
		"OnPhase of an unknown phase": {func(b builder) (site string) {
			site = below()
			b.OnPhase(5, func(*app.Call) error { return nil })
			return site
		}, "add an OnPhase hook: there is no Phase(5)"},
		"InterceptSend": {func(b builder) (site string) {
			site = below()
			b.InterceptSend(app.SendTransform, nil)
			return site
		}, "intercept a send step: the hook is nil"},
		"InterceptSend an unknown step": {func(b builder) (site string) {
			site = below()
			b.InterceptSend(-1, nil)
			return site
		}, "intercept a send step: there is no SendStep(-1)"},
		"InterceptReceive": {func(b builder) (site string) {
			site = below()
			b.InterceptReceive(app.ReceiveTransform, nil)
			return site
		}, "intercept a receive step: the hook is nil"},
		"InterceptReceive an unknown step": {func(b builder) (site string) {
			site = below()
			b.InterceptReceive(3, nil)
			return site
		}, "intercept a receive step: there is no ReceiveStep(3)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site, inSetup string
			plugin := app.NewPlugin("Faulty", func() int { return 0 }, func(b builder) error {
				inSetup = test.add(b)
				return nil
			})
			a := app.New(quiet, func(a *app.Application) {
				site = below()
				a.Install(plugin)
			})
			require.EqualError(t, a.Start(t.Context()), site+": install Faulty: "+inSetup+": "+test.want)
			assertUnavailable(t, a)
		})
	}
}

// TestAPluginWithoutItsFunctions: the text names the line that made it.
func TestAPluginWithoutItsFunctions(t *testing.T) {
	t.Parallel()
	setup := func(*app.PluginBuilder[int]) error { return nil }
	defaults := func() int { return 0 }
	for name, test := range map[string]struct {
		make func() (plugin app.Installable, site string)
		want string
	}{
		"no defaults": {func() (app.Installable, string) {
			site := below()
			return app.NewPlugin("Faulty", nil, setup), site
		}, "the defaults function is nil"},
		"no setup": {func() (app.Installable, string) {
			site := below()
			return app.NewPlugin("Faulty", defaults, nil), site
		}, "the setup function is nil"},
		"scoped, no defaults": {func() (app.Installable, string) {
			site := below()
			return app.NewScopedPlugin("Faulty", nil, setup), site
		}, "the defaults function is nil"},
		"scoped, no setup": {func() (app.Installable, string) {
			site := below()
			return app.NewScopedPlugin("Faulty", defaults, nil).FromProperties("x"), site
		}, "the setup function is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin, made := test.make()
			var site string
			a := app.New(quiet, func(a *app.Application) {
				site = below()
				a.Install(plugin)
			})
			require.EqualError(t, a.Start(t.Context()), site+": install Faulty: "+made+": new plugin: "+test.want)
		})
	}
}

func TestNamesOfPhasesAndSteps(t *testing.T) {
	t.Parallel()
	var names []string
	for phase := app.PhaseSetup - 1; phase <= app.PhaseFallback+1; phase++ {
		names = append(names, phase.String())
	}
	for step := app.SendTransform - 1; step <= app.SendAfter+1; step++ {
		names = append(names, step.String())
	}
	for step := app.ReceiveBefore - 1; step <= app.ReceiveAfter+1; step++ {
		names = append(names, step.String())
	}
	assert.Equal(t, []string{
		"Phase(-1)", "Setup", "Monitoring", "Plugins", "Call", "Fallback", "Phase(5)",
		"SendStep(-1)", "Transform", "Render", "ContentEncoding", "TransferEncoding", "After", "SendStep(5)",
		"ReceiveStep(-1)", "Before", "Transform", "After", "ReceiveStep(3)",
	}, names)
}
