package app

import (
	"fmt"
	"net/http"
	"slices"
)

// A Scope is what plugins, interceptors and middlewares are installed on: an
// [*Application], for all its calls, or a part of its routes, for the calls
// that reach a handler in that part. It is implemented by this package alone.
//
// A scope is changed while modules run, from one goroutine. What is nil, or is
// for a phase or step that there is not, is a mistake: Start returns it with
// the line that called. Once the application has started, each of these methods
// logs an error and changes nothing.
//
// Ktor: Pipeline.
type Scope interface {
	Attributed

	// Application returns the application that the scope belongs to.
	Application() *Application

	// Install installs a plugin, or a plugin with a configuration: see
	// [Plugin.With]. A plugin that cannot be installed here, or is installed
	// already and not made by [NewLayer], is a mistake that Start returns.
	Install(plugin Installable)

	// Use adds net/http middlewares. They take their place in [PhasePlugins] by
	// order of installation. On the application, and on the root of its routes,
	// they see every call before routing; on another route they run once the
	// route is matched. They do not run for a call that is answered already. A
	// nil one among several is named by its position.
	Use(middlewares ...func(http.Handler) http.Handler)

	// Intercept adds an interceptor to a phase: it is given the handler of what
	// comes next, and returns the handler that runs in its place. It is called
	// once for each endpoint, before the first call. To return nil is a
	// mistake. It is the general form of [PluginBuilder.OnCall],
	// and stands around the handler: see [ReturnsEarly].
	Intercept(phase Phase, interceptor func(next Handler) Handler)

	// InterceptSend adds a hook to a step of the response's way out. It is the
	// general form of [PluginBuilder.OnCallRespond] and its like.
	InterceptSend(step SendStep, hook SendHook)

	// InterceptReceive adds a hook to a step of the request body's way in. It
	// is the general form of [PluginBuilder.OnCallReceive].
	InterceptReceive(step ReceiveStep, hook ReceiveHook)

	sealed() *scope
}

// scope is the one implementation of [Scope].
type scope struct {
	app    *Application
	parent *scope // nil for the application's own
	path   string // for messages
	attrs  attributes

	// What has been added here while the modules ran.
	installed    []*installation
	interceptors [phases]hooks[wrapper]
	send         [sendSteps]hooks[SendHook]
	receive      [receiveSteps]hooks[ReceiveHook]
	failed       hooks[FailedHook]
	sent         hooks[func(*Call)]
	hijack       hooks[HijackHook]
	defaults     []DefaultRoute
}

func (s *scope) sealed() *scope          { return s }
func (s *scope) attributes() *attributes { return &s.attrs }

// known returns the scope as users know it: that of an application is the
// application.
func (s *scope) known() Scope {
	if s.parent == nil {
		return s.app
	}
	return s
}

// Application returns the application that the scope belongs to: itself, if it
// is one.
func (s *scope) Application() *Application { return s.app }

// Install installs a plugin, or a plugin with a configuration: see [Scope].
func (s *scope) Install(plugin Installable) { change{s, nil, Caller(1)}.Install(plugin) }

// Use adds net/http middlewares: see [Scope].
func (s *scope) Use(middlewares ...func(http.Handler) http.Handler) {
	change{s, nil, Caller(1)}.Use(middlewares...)
}

// Intercept adds an interceptor to a phase: see [Scope].
func (s *scope) Intercept(phase Phase, interceptor func(next Handler) Handler) {
	change{s, nil, Caller(1)}.Intercept(phase, interceptor)
}

// InterceptSend adds a hook to a step of the response's way out: see [Scope].
func (s *scope) InterceptSend(step SendStep, hook SendHook) {
	change{s, nil, Caller(1)}.InterceptSend(step, hook)
}

// InterceptReceive adds a hook to a step of the request body's way in: see
// [Scope].
func (s *scope) InterceptReceive(step ReceiveStep, hook ReceiveHook) {
	change{s, nil, Caller(1)}.InterceptReceive(step, hook)
}

// open reports whether the scope can still be changed. If it cannot, what was
// to be done is a mistake while the declarations are checked, and a logged
// error later.
func (s *scope) open(site Site, what string) bool {
	switch now := s.app.state.Load(); {
	case now <= stateModules:
		return true
	case now == stateLoaded:
		s.app.FailAt(site, fmt.Errorf("%s: all modules have run", what))
	default:
		s.app.refuse(site, what)
	}
	return false
}

// nesting returns the scopes from the application's down to s.
func (s *scope) nesting() []*scope {
	if s == nil {
		return nil
	}
	return append(s.parent.nesting(), s)
}

// find returns the installation of plugin in s or the nearest scope around it,
// and of several in one scope the last.
func (s *scope) find(plugin any) *installation {
	for ; s != nil; s = s.parent {
		for _, found := range slices.Backward(s.installed) {
			if found.plugin == plugin {
				return found
			}
		}
	}
	return nil
}
