package app

import (
	"errors"
	"fmt"
	"net/http"
)

// A change is one addition to a scope: to which scope, on whose behalf, and at
// which line. Whatever is added to an application passes through one, whether
// an [Application], a [Scope], a router's own type or a [PluginBuilder] was
// asked, so that all refuse the same with the line of whoever called.
type change struct {
	*scope

	owner *installation // whose setup adds; nil if a module does
	site  Site          // the line that called
}

// fail records a mistake in the change. What the setup of a plugin does wrong
// is reported as what it returns is, at the line that installed the plugin; the
// text names the line in the setup.
func (c change) fail(err error) {
	if c.owner == nil {
		c.app.FailAt(c.site, err)
		return
	}
	c.app.FailAt(c.owner.site, fmt.Errorf("install %s: %s: %w", c.owner.name, c.site, err))
}

// reported is the line that mistakes which show later are reported at.
func (c change) reported() Site {
	if c.owner == nil {
		return c.site
	}
	return c.owner.site
}

// Install, like the methods below, does what [Scope] says. All scopes end here,
// with the line that called them.
func (c change) Install(plugin Installable) {
	if plugin == nil {
		c.fail(errors.New("install: the plugin is nil"))
		return
	}
	plugin.install(c)
}

func (c change) Use(middlewares ...func(http.Handler) http.Handler) {
	if !c.open(c.site, "use a middleware") {
		return
	}
	if c.owner == nil && c.parent != nil && c.parent.parent == nil {
		c.scope = c.parent
	}
	for i, middleware := range middlewares {
		if accepts(c, "use", nth("middleware", i, len(middlewares)), middleware) {
			c.interceptors[PhasePlugins].add(c, "use", "the middleware", func(next Handler) (Handler, bool) {
				return throughMiddleware(middleware, next)
			})
		}
	}
}

func (c change) Intercept(phase Phase, interceptor func(next Handler) Handler) {
	c.intercept(phase, interceptor, around)
}

// intercept adds what wrap makes of an interceptor.
func (c change) intercept(phase Phase, interceptor func(next Handler) Handler, wrap func(func(next Handler) Handler) wrapper) {
	what, name := "intercept "+phase.String(), "the interceptor"
	if c.knows(phase, "intercept") && accepts(c, what, name, interceptor) {
		c.interceptors[phase].add(c, what, name, wrap(interceptor))
	}
}

// onPhase does what [PluginBuilder.OnPhase] says.
func (c change) onPhase(phase Phase, what string, hook Handler) {
	const name = "the hook"
	if c.knows(phase, what) && accepts(c, what, name, hook) {
		c.interceptors[phase].add(c, what, name, before(phase, hook))
	}
}

// knows reports whether there is a phase. If not, what was to be done is a
// mistake.
func (c change) knows(phase Phase, what string) bool {
	known := phase >= 0 && phase < phases
	if !known {
		c.fail(fmt.Errorf("%s: there is no %s", what, phase))
	}
	return known
}

func (c change) InterceptSend(step SendStep, hook SendHook) {
	if step < 0 || step >= sendSteps {
		c.fail(fmt.Errorf("intercept a send step: there is no %s", step))
		return
	}
	c.send[step].add(c, "intercept a send step", "the hook", hook)
}

func (c change) InterceptReceive(step ReceiveStep, hook ReceiveHook) {
	if step < 0 || step >= receiveSteps {
		c.fail(fmt.Errorf("intercept a receive step: there is no %s", step))
		return
	}
	c.receive[step].add(c, "intercept a receive step", "the hook", hook)
}
