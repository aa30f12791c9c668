package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// needing returns a plugin that needs plainPlugin beside it.
func needing() *app.Plugin[int] {
	return app.NewScopedPlugin("Needing", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
		b.OnModulesLoaded(func() error {
			if _, ok := plainPlugin.In(b.Scope()); !ok {
				return errors.New("it needs Plain")
			}
			return nil
		})
		return nil
	})
}

// TestAPluginChecksWhatOthersHaveInstalled: whatever the order.
func TestAPluginChecksWhatOthersHaveInstalled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		install func(a *app.Application) (site string)
		ok      bool
	}{
		"before": {func(a *app.Application) string { a.Install(plainPlugin); a.Install(needing()); return "" }, true},
		"after":  {func(a *app.Application) string { a.Install(needing()); a.Install(plainPlugin); return "" }, true},
		"on a route": {func(a *app.Application) string {
			app.NewScope(a, "/").Install(needing())
			a.Install(plainPlugin)
			return ""
		}, true},
		"not at all": {func(a *app.Application) (site string) {
			site = below()
			a.Install(needing())
			return site
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site string
			a := app.New(quiet, func(a *app.Application) { site = test.install(a) })
			err := a.Start(t.Context())
			if test.ok {
				require.NoError(t, err)
				require.NoError(t, a.Stop(t.Context()))
				return
			}
			require.EqualError(t, err, site+": install Needing: it needs Plain")
		})
	}
}

// TestChecksRunOnceModulesHaveRun: in order, when the routes are frozen, and
// also if there are mistakes already.
func TestChecksRunOnceModulesHaveRun(t *testing.T) {
	t.Parallel()
	var seen journal
	check := func(name string, err error) func() error { return func() error { seen.add(name); return err } }
	var sites [4]string
	a := app.New(quiet,
		func(a *app.Application) {
			sites[1] = below()
			a.OnModulesLoaded(check("check 1", errors.New("too few")))
			a.OnModulesLoaded(check("check 2", nil))
			a.OnModulesLoaded(func() error {
				sites[2] = below()
				a.Fail(errors.New("too many"))
				return nil
			})
			a.OnModulesLoaded(func() error {
				sites[3] = below()
				panic("out of order")
			})
			a.SetRouter(func() (app.Router, error) { seen.add("freeze"); return nil, errors.New("bad route") })
			app.ModulesLoaded.Subscribe(a, func(*app.Application) { seen.add("event") })
		},
		func(a *app.Application) {
			seen.add("module 2")
			sites[0] = below()
			a.Fail(errors.New("first"))
		},
	)
	err := a.Start(t.Context())
	require.Error(t, err)
	assert.Equal(t, []string{
		sites[0] + ": first",
		"bad route",
		sites[1] + ": too few",
		sites[2] + ": too many",
		sites[3] + ": modules-loaded hook: panic: out of order",
	}, strings.Split(err.Error(), "\n"))
	assert.Equal(t, []string{"module 2", "freeze", "check 1", "check 2"}, seen.all())
}

// TestAMistakeOnModulesLoadedCounts: of a listener as of a check.
func TestAMistakeOnModulesLoadedCounts(t *testing.T) {
	t.Parallel()
	var site string
	a := app.New(quiet, func(a *app.Application) {
		app.ModulesLoaded.Subscribe(a, func(a *app.Application) {
			site = below()
			a.Fail(errors.New("no user store"))
		})
		a.OnStart(func(context.Context) error { return errors.New("must not run") })
	})
	require.EqualError(t, a.Start(t.Context()), site+": no user store")
	assertUnavailable(t, a)
}

// TestNothingIsDeclaredOnceModulesHaveRun: a check looks, and changes nothing.
func TestNothingIsDeclaredOnceModulesHaveRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(a *app.Application) (site string)
		want   string
	}{
		"Install": {func(a *app.Application) (site string) {
			site = below()
			a.Install(plainPlugin)
			return site
		}, "install Plain: all modules have run"},
		"Use": {func(a *app.Application) (site string) {
			site = below()
			a.Use(through)
			return site
		}, "use a middleware: all modules have run"},
		"Intercept on a route": {func(a *app.Application) (site string) {
			scope := app.NewScope(a, "/")
			site = below()
			scope.Intercept(app.PhaseCall, func(next app.Handler) app.Handler { return next })
			return site
		}, "intercept Call: all modules have run"},
		"Get": {func(a *app.Application) (site string) {
			routing.Routes(a, func(r *routing.Route) {
				site = below()
				r.Get("/late", text("x"))
			})
			return site
		}, "route GET /late: routes are declared before Start"},
		"OnStart": {func(a *app.Application) (site string) {
			site = below()
			a.OnStart(func(context.Context) error { return nil })
			return site
		}, "add a start hook: all modules have run"},
		"OnModulesLoaded": {func(a *app.Application) (site string) {
			site = below()
			a.OnModulesLoaded(func() error { return nil })
			return site
		}, "add a modules-loaded hook: all modules have run"},
	} {
		for when, add := range map[string]func(a *app.Application, change func()){
			"in a check": func(a *app.Application, change func()) {
				a.OnModulesLoaded(func() error { change(); return nil })
			},
			"in a listener": func(a *app.Application, change func()) {
				app.ModulesLoaded.Subscribe(a, func(*app.Application) { change() })
			},
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				var site string
				a := app.New(quiet, func(a *app.Application) {
					routing.Routes(a, func(*routing.Route) {})
					add(a, func() { site = test.change(a) })
				})
				require.EqualError(t, a.Start(t.Context()), site+": "+test.want)
			})
		}
	}
}

// TestAMistakeThatComesTooLateIsLogged: with its line, once the start hooks run.
func TestAMistakeThatComesTooLateIsLogged(t *testing.T) {
	t.Parallel()
	logs := &logbook{}
	var site string
	a := app.New(logs.module, func(a *app.Application) {
		a.OnStart(func(context.Context) error {
			site = below()
			a.Fail(errors.New("too late"))
			return nil
		})
	})
	require.NoError(t, a.Start(t.Context()))
	require.Len(t, logs.all(), 1)
	assert.Equal(t, map[string]string{"refused": "too late", "site": site, "state": "starting"}, logs.all()[0].attributes)
	require.NoError(t, a.Stop(t.Context()))
	a.Fail(errors.New("later still"))
	assert.Equal(t, "stopped", logs.all()[1].attributes["state"])
}
