package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// onPhase installs a plugin with a hook of a phase.
func onPhase(s app.Scope, phase app.Phase, hook app.Handler) {
	s.Install(app.NewScopedPlugin("OnPhase", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
		b.OnPhase(phase, hook)
		return nil
	}))
}

// untilCommit installs a plugin with an interceptor that lets everything through.
func untilCommit(s app.Scope) {
	s.Install(app.NewScopedPlugin("UntilCommit", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
		b.InterceptUntilCommit(app.PhaseSetup, pass)
		return nil
	}))
}

func pass(next app.Handler) app.Handler { return next }

// intercepting is a plugin that stands around what it is installed on.
var intercepting = app.NewScopedPlugin("Intercepting", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
	b.Intercept(app.PhaseMonitoring, pass)
	return nil
})

func nothing(*app.Call) error { return nil }

// TestCodeAround: the outermost is named, by the line that has put it there.
func TestCodeAround(t *testing.T) {
	t.Parallel()
	around := middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) })
	for name, test := range map[string]struct {
		declare func(a *app.Application, root *branch) (site string)
		want    string
	}{
		"nothing": {func(*app.Application, *branch) string { return "" }, ""},
		"what runs before": {func(a *app.Application, root *branch) string {
			onPhase(a, app.PhaseSetup, nothing)
			untilCommit(root)
			root.InterceptSend(app.SendAfter, func(*app.Call, *app.Outgoing) error { return nil })
			return ""
		}, ""},
		"an interceptor of the application": {func(a *app.Application, root *branch) string {
			root.Intercept(app.PhaseSetup, pass)
			site := below()
			a.Intercept(app.PhaseCall, pass)
			return site
		}, "the interceptor at "},
		"an interceptor of a scope": {func(_ *app.Application, root *branch) string {
			onPhase(root, app.PhaseMonitoring, nothing)
			site := below()
			root.Intercept(app.PhaseCall, pass)
			root.Intercept(app.PhaseCall, pass)
			return site
		}, "the interceptor at "},
		"an interceptor of the fallback phase": {func(a *app.Application, root *branch) string {
			a.Intercept(app.PhaseFallback, pass)
			root.Intercept(app.PhaseFallback, pass)
			return ""
		}, ""},
		"a plugin": {func(_ *app.Application, root *branch) string {
			site := below()
			root.Install(intercepting)
			return site
		}, "the interceptor of plugin Intercepting at "},
		"a plugin elsewhere": {func(_ *app.Application, root *branch) string {
			root.at("elsewhere", func(b *branch) { b.Install(intercepting) })
			return ""
		}, ""},
		"a middleware": {func(a *app.Application, _ *branch) string {
			site := below()
			a.Use(around)
			return site
		}, "the middleware at "},
		"middlewares that return early": {func(a *app.Application, root *branch) string {
			a.Use(app.ReturnsEarly(around), app.ReturnsEarly(around))
			root.at("below", func(b *branch) { b.Use(around) })
			return ""
		}, ""},
		"a middleware behind one that returns early": {func(a *app.Application, _ *branch) string {
			site := below()
			a.Use(app.ReturnsEarly(around), around)
			return site
		}, "the middleware at "},
		"middlewares in one, all of which return early": {func(a *app.Application, _ *branch) string {
			a.Use(func(next http.Handler) http.Handler {
				return app.ReturnsEarly(around)(app.ReturnsEarly(around)(next))
			})
			return ""
		}, ""},
		"middlewares in one, the inner of which is around": {func(a *app.Application, _ *branch) string {
			site := below()
			a.Use(func(next http.Handler) http.Handler { return app.ReturnsEarly(around)(around(next)) })
			return site
		}, "the middleware at "},
		"middlewares in one, the outer of which is around": {func(a *app.Application, _ *branch) string {
			site := below()
			a.Use(func(next http.Handler) http.Handler { return around(app.ReturnsEarly(around)(next)) })
			return site
		}, "the middleware at "},
		"a middleware that adds nothing": {func(a *app.Application, _ *branch) string {
			a.Use(func(next http.Handler) http.Handler { return next })
			return ""
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site, found string
			ran := false
			a := start(t, func(a *app.Application) {
				routes(a, func(root *branch) {
					site = test.declare(a, root)
					root.handle("", func(c *app.Call) error {
						found, ran = app.CodeAround(c), true
						return c.RespondStatus(http.StatusNoContent)
					})
				})
			})
			assert.Equal(t, http.StatusNoContent, get(t, a, "/").StatusCode)
			require.True(t, ran)
			assert.Equal(t, test.want+site, found)
		})
	}
}

// TestMiddlewaresThatReturnEarlyRun as without what is said of them, also outside
// of an application.
func TestMiddlewaresThatReturnEarlyRun(t *testing.T) {
	t.Parallel()
	var seen journal
	early := app.ReturnsEarly(noting(&seen, "early"))
	a := start(t, func(a *app.Application) {
		a.Use(early, early)
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return text("handler") })
	})
	assert.Equal(t, "handler", body(t, get(t, a, "/")))
	assert.Equal(t, []string{"early", "early"}, seen.all())

	outside := early(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	assert.Equal(t, http.StatusTeapot, get(t, outside, "/").StatusCode)
	assert.Equal(t, []string{"early", "early", "early"}, seen.all())
	assert.Nil(t, app.ReturnsEarly(nil))
}

func TestOnPhase(t *testing.T) {
	t.Parallel()
	answer := func(c *app.Call) error { return c.RespondText("hook") }
	fail := func(*app.Call) error { return app.NewError(http.StatusConflict, "hook") }
	for name, test := range map[string]struct {
		phase app.Phase
		hook  app.Handler
		path  string
		want  string
	}{
		"passes":                 {app.PhaseSetup, nothing, "/", "200 handler: Setup Monitoring Plugins Call handler"},
		"answers in Setup":       {app.PhaseSetup, answer, "/", "200 hook: Setup Monitoring Plugins Call"},
		"answers in Call":        {app.PhaseCall, answer, "/", "200 hook: Setup Monitoring Plugins Call"},
		"fails in Monitoring":    {app.PhaseMonitoring, fail, "/", "409 hook: Setup"},
		"passes in Fallback":     {app.PhaseFallback, nothing, "/none", "404 : Setup Monitoring Plugins Call Fallback"},
		"answers in Fallback":    {app.PhaseFallback, answer, "/none", "404 hook: Setup Monitoring Plugins Call"},
		"fails in Fallback":      {app.PhaseFallback, fail, "/none", "409 hook: Setup Monitoring Plugins Call"},
		"Fallback is not needed": {app.PhaseFallback, fail, "/", "200 handler: Setup Monitoring Plugins Call handler"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) {
				onPhase(a, test.phase, test.hook)
				for phase := app.PhaseSetup; phase <= app.PhaseFallback; phase++ {
					a.Intercept(phase, func(next app.Handler) app.Handler {
						return func(c *app.Call) error { seen.add(phase.String()); return next(c) }
					})
				}
				routes(a, func(root *branch) {
					root.handle("", func(c *app.Call) error { seen.add("handler"); return c.RespondText("handler") })
				})
			})
			response := get(t, a, test.path)
			assert.Equal(t, test.want, response.Status[:4]+body(t, response)+": "+strings.Join(seen.all(), " "))
		})
	}
}

// TestInterceptUntilCommit: it may answer in place of next, and make something
// else of what next returns.
func TestInterceptUntilCommit(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) {
		a.Install(app.NewPlugin("Guard", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.InterceptUntilCommit(app.PhasePlugins, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if c.Request.URL.Path == "/none" {
						return c.RespondText("guard")
					}
					if err := next(c); !errors.Is(err, errBroken) {
						return err
					}
					return app.NewError(http.StatusConflict, "again")
				}
			})
			return nil
		}))
	}, answering(func(*app.Call) error { return errBroken }))
	assert.Equal(t, "guard", body(t, get(t, a, "/none")))
	assert.Equal(t, "again", body(t, get(t, a, "/")))
}
