package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// below returns the site of the line after the one that calls it.
func below() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("app/%s:%d", filepath.Base(file), line+1)
}

// twoAbove returns the line above the call of below that has returned site:
// where the first of two installations is.
func twoAbove(site string) string {
	file, text, _ := strings.Cut(site, ":")
	line, err := strconv.Atoi(text)
	if err != nil {
		return "nowhere: " + site
	}
	return fmt.Sprintf("%s:%d", file, line-2)
}

var (
	plainPlugin  = app.NewPlugin("Plain", func() int { return 0 }, func(*app.PluginBuilder[int]) error { return nil })
	scopedPlugin = app.NewScopedPlugin("Scoped", func() int { return 0 }, func(*app.PluginBuilder[int]) error { return nil })
	homonym      = app.NewPlugin("Plain", func() int { return 0 }, func(*app.PluginBuilder[int]) error { return nil })
	refusing     = app.NewPlugin("Refusing", func() int { return 0 }, func(*app.PluginBuilder[int]) error {
		return errors.New("the port is missing")
	})
)

func TestMistakeNamesTheLineOfItsCaller(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(a *app.Application) (site string)
		want string
	}{
		"plugin twice": {func(a *app.Application) (site string) {
			a.Install(plainPlugin)
			site = below()
			a.Install(plainPlugin)
			return site
		}, "install Plain: it is already installed on the application, at FIRST"},
		"plugin twice, configured": {func(a *app.Application) (site string) {
			a.Install(plainPlugin.With(func(c *int) { *c = 1 }))
			site = below()
			a.Install(plainPlugin.With(func(c *int) { *c = 2 }))
			return site
		}, "install Plain: it is already installed on the application, at FIRST"},
		"two plugins of one name": {func(a *app.Application) (site string) {
			a.Install(plainPlugin)
			site = below()
			a.Install(homonym)
			return site
		}, "install Plain: another plugin of that name is installed, at FIRST"},
		"application plugin on a route": {func(a *app.Application) (site string) {
			scope := app.NewScope(a, "/api")
			site = below()
			scope.Install(plainPlugin)
			return site
		}, "install Plain: it can be installed on the application only"},
		"scoped plugin twice on a route": {func(a *app.Application) (site string) {
			scope := app.NewScope(a, "/api")
			scope.Install(scopedPlugin)
			site = below()
			scope.Install(scopedPlugin)
			return site
		}, "install Scoped: it is already installed on /api, at FIRST"},
		"scoped plugin on the application, then on a route": {func(a *app.Application) (site string) {
			scope := app.NewScope(app.NewScope(a, "/"), "/api")
			a.Install(scopedPlugin)
			site = below()
			scope.Install(scopedPlugin)
			return site
		}, "install Scoped: it is already installed, at FIRST, and a plugin stands either on the application or on routes"},
		"scoped plugin on a route, then on the application": {func(a *app.Application) (site string) {
			app.NewScope(a, "/").Install(scopedPlugin)
			site = below()
			a.Install(scopedPlugin)
			return site
		}, "install Scoped: it is already installed, at FIRST, and a plugin stands either on the application or on routes"},
		"setup fails": {func(a *app.Application) (site string) {
			site = below()
			a.Install(refusing)
			return site
		}, "install Refusing: the port is missing"},
		"plugin nil": {func(a *app.Application) (site string) {
			site = below()
			a.Install(nil)
			return site
		}, "install: the plugin is nil"},
		"Fail": {func(a *app.Application) (site string) {
			site = below()
			a.Fail(errors.New("no such file"))
			return site
		}, "no such file"},
		"FailAt": {func(a *app.Application) (site string) {
			a.FailAt(app.Site{File: "/src/users/module.go", Line: 12}, errors.New("bad pattern"))
			return "users/module.go:12"
		}, "bad pattern"},
		"FailAt an unknown place": {func(a *app.Application) (site string) {
			a.FailAt(app.Site{}, errors.New("bad pattern"))
			return "unknown"
		}, "bad pattern"},
		"middleware nil": {func(a *app.Application) (site string) {
			site = below()
			a.Use(nil)
			return site
		}, "use: the middleware is nil"},
		"middleware that panics": {func(a *app.Application) (site string) {
			site = below()
			a.Use(func(http.Handler) http.Handler { panic("no key") })
			return site
		}, "put Plugins phase together: panic: no key"},
		"middleware that returns nil": {func(a *app.Application) (site string) {
			site = below()
			a.Use(func(http.Handler) http.Handler { return nil })
			return site
		}, "put Plugins phase together: the interceptor returned nil"},
		"interceptor that returns nil": {func(a *app.Application) (site string) {
			site = below()
			a.Intercept(app.PhaseMonitoring, func(app.Handler) app.Handler { return nil })
			return site
		}, "put Monitoring phase together: the interceptor returned nil"},
		"interceptor of the fallback": {func(a *app.Application) (site string) {
			site = below()
			a.Intercept(app.PhaseFallback, func(app.Handler) app.Handler { panic("none") })
			return site
		}, "put Fallback phase together: panic: none"},
		"interceptor of a route": {func(a *app.Application) (site string) {
			routes(a, func(root *branch) {
				site = below()
				root.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return nil })
				root.handle("", text("x"))
			})
			return site
		}, "put Call phase together: the interceptor returned nil"},
		"second router": {func(a *app.Application) (site string) {
			freeze := func() (app.Router, error) { return &table{}, nil }
			a.SetRouter(freeze)
			site = below()
			a.SetRouter(freeze)
			return site
		}, "the application has a router already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site string
			a := app.New(quiet, func(a *app.Application) {
				a.OnStart(func(context.Context) error { return errors.New("must not run") })
				site = test.make(a)
			})
			require.EqualError(t, a.Start(t.Context()), site+": "+strings.ReplaceAll(test.want, "FIRST", twoAbove(site)))
			assertUnavailable(t, a)
		})
	}
}

func TestPanicInAModule(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		panics func(a *app.Application, site *string)
		want   string
	}{
		"a value": {func(_ *app.Application, site *string) {
			*site = below()
			panic("out of order")
		}, "out of order"},
		"a runtime error": {func(_ *app.Application, site *string) {
			unmade := map[bool]map[string]int{}[true]
			*site = below()
			unmade["key"] = 1
		}, "assignment to entry in nil map"},
		"a nil pointer": {func(_ *app.Application, site *string) {
			missing := map[bool]*journal{}[true]
			*site = below()
			missing.entries = nil
		}, "invalid memory address or nil pointer dereference"},
		"a library": {func(_ *app.Application, site *string) {
			*site = below()
			_ = strings.Repeat("x", -1)
		}, "negative Repeat count"},
		"a map that is nil": {func(_ *app.Application, site *string) {
			missing := map[bool]map[string]int{}[true]
			*site = below()
			missing["x"]++
		}, "assignment to entry in nil map"},
		"the setup of a plugin": {func(a *app.Application, site *string) {
			a.Install(app.NewPlugin("Panicking", func() int { return 0 }, func(*app.PluginBuilder[int]) error {
				*site = below()
				panic("not set up")
			}))
		}, "not set up"},
		"the configuration of a plugin": {func(a *app.Application, site *string) {
			a.Install(plainPlugin.With(func(*int) {
				*site = below()
				panic("not configured")
			}))
		}, "not configured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site string
			a := app.New(quiet, func(a *app.Application) { test.panics(a, &site) })
			err := a.Start(t.Context())
			require.ErrorContains(t, err, site+": module: panic: ")
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestMistakesAreJoined(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	var sites [6]string
	a := app.New(quiet,
		func(a *app.Application) {
			sites[0] = below()
			a.Fail(first)
			a.Fail(nil)
			sites[4] = below()
			a.Use(func(http.Handler) http.Handler { panic("third") })
		},
		func(*app.Application) {
			sites[1] = below()
			panic("module")
		},
		func(a *app.Application) {
			sites[5] = below()
			a.Use(func(http.Handler) http.Handler { panic("fourth") })
			sites[2] = below()
			a.Fail(second)
			a.SetRouter(func() (app.Router, error) { return nil, errors.New("bad route") })
		},
	)
	err := a.Start(t.Context())
	require.ErrorIs(t, err, first)
	require.ErrorIs(t, err, second)
	assert.Equal(t, []string{
		sites[0] + ": first",
		sites[1] + ": module: panic: module",
		sites[2] + ": second",
		"bad route",
		sites[4] + ": put Plugins phase together: panic: third",
		sites[5] + ": put Plugins phase together: panic: fourth",
	}, strings.Split(err.Error(), "\n"))
	_, joined := err.(interface{ Unwrap() []error })
	assert.True(t, joined)
}

// TestNothingChangesAfterStart: what comes too late is logged with its line,
// and changes nothing.
func TestNothingChangesAfterStart(t *testing.T) {
	t.Parallel()
	var seen journal
	logs := &logbook{}
	var scope app.Scope
	a := app.New(logs.module, func(a *app.Application) {
		scope = app.NewScope(a, "/")
		a.OnStart(func(context.Context) error {
			a.Install(tracing(&seen, "in a start hook"))
			return nil
		})
	}, answering(text("x")))
	require.NoError(t, a.Start(t.Context()))
	late := func(*app.Call, *app.Outgoing) error { seen.add("send"); return nil }
	for name, test := range map[string]struct {
		change  func() (site string)
		refused string
	}{
		"Install": {func() (site string) {
			site = below()
			a.Install(tracing(&seen, "late"))
			return site
		}, "install late"},
		"Install on a scope": {func() (site string) {
			site = below()
			scope.Install(tracing(&seen, "late"))
			return site
		}, "install late"},
		"Use": {func() (site string) {
			site = below()
			a.Use(noting(&seen, "middleware"))
			return site
		}, "use a middleware"},
		"Use on a scope": {func() (site string) {
			site = below()
			scope.Use(noting(&seen, "middleware"))
			return site
		}, "use a middleware"},
		"Intercept": {func() (site string) {
			site = below()
			a.Intercept(app.PhaseSetup, note(&seen, "interceptor"))
			return site
		}, "intercept Setup"},
		"InterceptSend": {func() (site string) {
			site = below()
			a.InterceptSend(app.SendAfter, late)
			return site
		}, "intercept a send step"},
		"InterceptReceive": {func() (site string) {
			site = below()
			a.InterceptReceive(app.ReceiveBefore, func(*app.Call, *app.Incoming) error { return nil })
			return site
		}, "intercept a receive step"},
		"Configure": {func() (site string) {
			site = below()
			a.Configure(func(c *app.Config) { c.Development = true })
			return site
		}, "configure"},
		"SetRouter": {func() (site string) {
			site = below()
			a.SetRouter(func() (app.Router, error) { seen.add("freeze"); return nil, nil })
			return site
		}, "set a router"},
		"Fail": {func() (site string) {
			site = below()
			a.Fail(errors.New("too late"))
			return site
		}, "too late"},
		"OnStart": {func() (site string) {
			site = below()
			a.OnStart(lifecycleHook(&seen, "start"))
			return site
		}, "add a start hook"},
		"OnStopPreparing": {func() (site string) {
			site = below()
			a.OnStopPreparing(func() { seen.add("preparing") })
			return site
		}, "add a stop-preparing hook"},
		"OnStop": {func() (site string) {
			site = below()
			a.OnStop(lifecycleHook(&seen, "stop"))
			return site
		}, "add a stop hook"},
	} {
		before := len(logs.all())
		site := test.change()
		added := logs.all()[before:]
		require.Len(t, added, 1, name)
		assert.Equal(t, slog.LevelError, added[0].level, name)
		assert.Equal(t, "the application has started: nothing was changed", added[0].message, name)
		assert.Equal(t, map[string]string{"site": site, "refused": test.refused, "state": "running"}, added[0].attributes, name)
	}
	assert.Equal(t, "install in a start hook", logs.all()[0].attributes["refused"])
	assert.Equal(t, "x", body(t, get(t, a, "/")))
	assert.False(t, a.Config().Development)
	require.NoError(t, a.Stop(t.Context()))
	assert.Nil(t, seen.all())
}

func TestCallerIsTheLineOfTheCall(t *testing.T) {
	t.Parallel()
	want := below()
	here := app.Caller(0)
	assert.Equal(t, want, here.String())
	outer := func() app.Site { return app.Caller(1) }
	want = below()
	assert.Equal(t, want, outer().String())
	assert.Equal(t, app.Site{}, app.Caller(1000))
	assert.Equal(t, "unknown", app.Site{}.String())
	assert.Equal(t, "application.conf:7:3", app.Site{File: "application.conf", Line: 7, Column: 3}.String())
	assert.Equal(t, "-port", app.Site{File: "-port"}.String())
}
