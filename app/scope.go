package app

import (
	"errors"
	"fmt"
	"net/http"
)

// A Scope is what plugins, interceptors and middlewares are installed on: an
// [*Application], for all its calls, or a part of its routes, for the calls
// that reach a handler in that part. A scope is changed while modules run, from
// one goroutine; after Start each of these methods logs an error and changes
// nothing.
// Ktor: Pipeline.
type Scope interface {
	Attributed

	// Application returns the application that the scope belongs to.
	Application() *Application

	// Install installs a plugin, or a plugin with a configuration: see
	// [Plugin.With]. A plugin that cannot be installed, or is installed
	// already, is a mistake that Start returns.
	Install(plugin Installable)

	// Use adds net/http middlewares. They take their place in [PhasePlugins] by
	// order of installation. On the application, and on the root of its routes,
	// they see every call before routing; on another route they run once the
	// route is matched. They do not run for a call that is answered already.
	Use(middlewares ...func(http.Handler) http.Handler)

	// Intercept adds an interceptor to a phase: it is given the rest of the
	// call's way and returns what stands in its place. It is the general form
	// of the OnCall hook.
	Intercept(phase Phase, interceptor func(next Handler) Handler)

	// InterceptSend adds a hook to a step of the response's way out.
	InterceptSend(step SendStep, hook SendHook)

	// InterceptReceive adds a hook to a step of the request body's way in.
	InterceptReceive(step ReceiveStep, hook ReceiveHook)

	sealed() *scope
}

// NewScope returns a new scope inside parent, for the parts of a routing tree.
// Path is for messages. What a scope right below the application is given with
// Use goes to the application.
func NewScope(parent Scope, path string) Scope {
	outer := parent.sealed()
	return &scope{app: outer.app, parent: outer, path: path}
}

// scope is the one implementation of Scope.
type scope struct {
	app    *Application
	parent *scope // nil for the application's own
	path   string
	attrs  attributes

	installed    []*installation
	interceptors []owned[interceptor]
	send         [sendSteps][]owned[SendHook]
	receive      [receiveSteps][]owned[ReceiveHook]
	failed       []owned[FailedHook]
	sent         []owned[func(*Call)]
	defaults     []DefaultRoute
}

// A DefaultRoute is what a plugin has asked for with
// [PluginBuilder.DefaultRoutes].
type DefaultRoute struct {
	// Method is the method to serve.
	Method string
	// Like is the method whose routes serve it, or empty.
	Like string
	// Site is where the plugin was installed.
	Site Site
}

// DefaultRoutes returns what the plugins that are installed on this very scope
// have asked for. It is for routers, when they freeze.
func DefaultRoutes(scope Scope) []DefaultRoute { return scope.sealed().defaults }

type interceptor struct {
	phase Phase
	wrap  func(next Handler) Handler
	site  Site
}

// owned is a hook with the installation it came with, nil if it was added to
// the scope itself. A hook whose plugin is installed again nearer to the
// handler does not run.
type owned[H any] struct {
	hook  H
	owner *installation
}

// installation is one plugin installed in one scope.
type installation struct {
	plugin any // *Plugin[C]
	name   string
	config any // *C
	scope  *scope

	instance any // what the plugin has provided, nil if nothing
}

func (s *scope) sealed() *scope            { return s }
func (s *scope) attributes() *attributes   { return &s.attrs }
func (s *scope) Application() *Application { return s.app }

func (s *scope) Install(plugin Installable) { s.installAt(Caller(1), plugin) }

func (s *scope) Use(middlewares ...func(http.Handler) http.Handler) { s.useAt(Caller(1), middlewares) }

func (s *scope) Intercept(phase Phase, wrap func(next Handler) Handler) {
	s.interceptAt(Caller(1), phase, wrap)
}

func (s *scope) InterceptSend(step SendStep, hook SendHook) { s.interceptSendAt(Caller(1), step, hook) }

func (s *scope) InterceptReceive(step ReceiveStep, hook ReceiveHook) {
	s.interceptReceiveAt(Caller(1), step, hook)
}

// ScopeAt returns scope for one change that was asked for at site: what a
// router's own type, whose methods only hand on to a scope, is called from. It
// is for routers, as in ScopeAt(r.scope, Caller(1)).Install(plugin).
func ScopeAt(scope Scope, site Site) Scope { return sitedScope{scope.sealed(), site} }

// sitedScope is a scope whose mistakes were made at a line that is known.
type sitedScope struct {
	*scope
	site Site
}

func (s sitedScope) Install(plugin Installable) { s.installAt(s.site, plugin) }

func (s sitedScope) Use(middlewares ...func(http.Handler) http.Handler) {
	s.useAt(s.site, middlewares)
}

func (s sitedScope) Intercept(phase Phase, wrap func(next Handler) Handler) {
	s.interceptAt(s.site, phase, wrap)
}

func (s sitedScope) InterceptSend(step SendStep, hook SendHook) {
	s.interceptSendAt(s.site, step, hook)
}

func (s sitedScope) InterceptReceive(step ReceiveStep, hook ReceiveHook) {
	s.interceptReceiveAt(s.site, step, hook)
}

func (s *scope) installAt(site Site, plugin Installable) {
	if plugin == nil {
		s.app.FailAt(site, errors.New("install: the plugin is nil"))
		return
	}
	if !s.open(site, "install "+plugin.Name()) {
		return
	}
	if err := plugin.install(s, site); err != nil {
		s.app.FailAt(site, fmt.Errorf("install %s: %w", plugin.Name(), err))
	}
}

func (s *scope) useAt(site Site, middlewares []func(http.Handler) http.Handler) {
	if !s.open(site, "use a middleware") {
		return
	}
	target := s
	if s.parent != nil && s.parent.parent == nil {
		target = s.parent
	}
	for _, middleware := range middlewares {
		target.use(middleware, site, nil)
	}
}

func (s *scope) use(middleware func(http.Handler) http.Handler, site Site, owner *installation) {
	if middleware == nil {
		s.app.FailAt(site, errors.New("use: the middleware is nil"))
		return
	}
	s.intercept(PhasePlugins, func(next Handler) Handler { return throughMiddleware(middleware, next) }, site, owner)
}

func (s *scope) interceptAt(site Site, phase Phase, wrap func(next Handler) Handler) {
	if s.open(site, "intercept "+phase.String()) {
		s.intercept(phase, wrap, site, nil)
	}
}

func (s *scope) intercept(phase Phase, wrap func(next Handler) Handler, site Site, owner *installation) {
	s.interceptors = append(s.interceptors, owned[interceptor]{interceptor{phase, wrap, site}, owner})
}

func (s *scope) interceptSendAt(site Site, step SendStep, hook SendHook) {
	if s.open(site, "intercept a send step") {
		s.send[step] = append(s.send[step], owned[SendHook]{hook, nil})
	}
}

func (s *scope) interceptReceiveAt(site Site, step ReceiveStep, hook ReceiveHook) {
	if s.open(site, "intercept a receive step") {
		s.receive[step] = append(s.receive[step], owned[ReceiveHook]{hook, nil})
	}
}

// open reports whether the scope can still be changed, and logs what was
// refused if not.
func (s *scope) open(site Site, what string) bool {
	if s.app.configurable() {
		return true
	}
	s.app.Logger().Error("the application has started: nothing was changed", "refused", what, "site", site.String())
	return false
}

// path from the application down to s.
func (s *scope) nesting() []*scope {
	if s == nil {
		return nil
	}
	return append(s.parent.nesting(), s)
}

// find returns the installation of plugin in s or the nearest scope around it.
func (s *scope) find(plugin any) *installation {
	for ; s != nil; s = s.parent {
		for _, found := range s.installed {
			if found.plugin == plugin {
				return found
			}
		}
	}
	return nil
}
