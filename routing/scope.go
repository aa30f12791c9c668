package routing

import (
	"log/slog"
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// scope is what makes a Route an [app.Scope]. Its methods that anybody needs
// are declared below, so that they are documented, and mistakes name the line
// that has called them.
type scope = app.Scope

// Install installs a plugin, or a plugin with a configuration, for the calls
// that reach a handler below r: see [app.Plugin.With]. A plugin that was made by
// [app.NewScopedPlugin] can be installed once on each route, and of several
// installations around a handler the nearest one runs; one that was made by
// [app.NewLayer] any number of times, and all of them run. Other plugins belong
// on the application. Mistakes are returned by Start. What a verb has returned
// is a route for its method alone, and can be installed on as well.
//
// Ktor: install.
func (r *Route) Install(plugin app.Installable) {
	r.change(r.caller()).Install(plugin)
}

// Use adds net/http middlewares, those of chi among them. They run once a route
// below r has matched, and see its path parameters, in [app.PhasePlugins] by
// order of installation, each unless the call is answered by then. On the root
// of the routes Use is that of the application: the middlewares see every call
// before routing, and may rewrite its path and method. A nil middleware is a
// mistake.
func (r *Route) Use(middlewares ...func(http.Handler) http.Handler) {
	r.change(r.caller()).Use(middlewares...)
}

// Intercept adds an interceptor to a phase of the calls that reach a handler
// below r: it is given the rest of the call's way and returns what takes its
// place. A nil interceptor is a mistake.
//
// Ktor: intercept.
func (r *Route) Intercept(phase app.Phase, interceptor func(next app.Handler) app.Handler) {
	r.change(r.caller()).Intercept(phase, interceptor)
}

// InterceptSend adds a hook to a step of the responses to calls that have
// reached a handler below r. A nil hook is a mistake.
//
// Ktor: sendPipeline.intercept.
func (r *Route) InterceptSend(step app.SendStep, hook app.SendHook) {
	r.change(r.caller()).InterceptSend(step, hook)
}

// InterceptReceive adds a hook to a step in which handlers below r receive the
// bodies of requests. A nil hook is a mistake.
//
// Ktor: receivePipeline.intercept.
func (r *Route) InterceptReceive(step app.ReceiveStep, hook app.ReceiveHook) {
	r.change(r.caller()).InterceptReceive(step, hook)
}

// change returns the scope for one change that was asked for at site.
func (r *Route) change(site app.Site) app.Scope {
	if r.inOwnBlock && r.selector.role() < onCall {
		r.tree.remark(slog.LevelWarn, site, `what is given to a route in a block of Route("") applies to all of the route, not to that block alone: take Group`,
			"route", r.String())
	}
	return app.ScopeAt(r.scope, site)
}
