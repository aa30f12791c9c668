package app

import (
	"errors"
	"fmt"
	"net/http"
)

// A Plugin is a feature with a configuration of type C that can be installed:
// Ktor's plugin. It is made once, by [NewPlugin] or [NewScopedPlugin], as a
// package variable, and holds no state, so any number of applications may
// install it. Installing the plugin itself takes its defaults.
type Plugin[C any] struct {
	name     string
	path     string     // of its properties
	original *Plugin[C] // the plugin that FromProperties was asked of, nil if none was
	scoped   bool
	defaults func() C
	setup    func(*PluginBuilder[C]) error
}

// An Installable is a [Plugin], or a plugin with a configuration, as
// [Plugin.With] returns it.
type Installable interface {
	// Name returns the name of the plugin.
	Name() string

	install(s *scope, site Site) error
}

// NewPlugin returns a plugin for applications, as Ktor's
// createApplicationPlugin. Setup runs once for each installation; what it
// returns is a mistake that Start reports with the line of the installation.
// Defaults is a function so that no two installations share a map or a slice.
func NewPlugin[C any](name string, defaults func() C, setup func(*PluginBuilder[C]) error) *Plugin[C] {
	return &Plugin[C]{name: name, defaults: defaults, setup: setup}
}

// NewScopedPlugin returns a plugin that can be installed on an application or
// on routes, as Ktor's createRouteScopedPlugin. On routes the installation
// nearest to the handler is the only one that runs, and its configuration
// starts from the defaults; it runs only for calls that a route matched. A
// plugin that is installed on the application cannot be installed on a route as
// well.
func NewScopedPlugin[C any](name string, defaults func() C, setup func(*PluginBuilder[C]) error) *Plugin[C] {
	return &Plugin[C]{name: name, defaults: defaults, setup: setup, scoped: true}
}

// FromProperties returns a plugin like p whose configuration starts from the
// defaults and what stands at path in the application's [Properties], before
// With changes it. To an application the two are one plugin: only one of them
// can be installed in one place, and [Plugin.In] of either finds it. It answers
// to createApplicationPlugin's configurationPath.
func (p *Plugin[C]) FromProperties(path string) *Plugin[C] {
	fromPath := *p
	fromPath.path, fromPath.original = path, p.identity()
	return &fromPath
}

// identity is what an installation knows the plugin by.
func (p *Plugin[C]) identity() *Plugin[C] {
	if p.original != nil {
		return p.original
	}
	return p
}

// Name returns the name of the plugin.
func (p *Plugin[C]) Name() string { return p.name }

// With returns the plugin with a configuration: configure is given the defaults
// to change.
func (p *Plugin[C]) With(configure func(*C)) Installable { return configured[C]{p, configure} }

// In returns the configuration of p in scope, or in the nearest scope around
// it, and whether it is installed there. The configuration must not be changed
// after Start.
// Ktor: pluginOrNull.
func (p *Plugin[C]) In(scope Scope) (*C, bool) {
	if found := scope.sealed().find(p.identity()); found != nil {
		return found.config.(*C), true
	}
	return nil, false
}

// InstanceOf returns what plugin has provided where it is installed: in scope,
// or in the nearest scope around it. It reports false if the plugin is not
// installed there, or has provided no T. Plugins call it in functions of their
// own, such as sse.SessionsOf. It may be called from any goroutine after Start.
//
// Ktor: plugin, which returns the PluginInstance.
func InstanceOf[T, C any](plugin *Plugin[C], scope Scope) (T, bool) {
	if found := scope.sealed().find(plugin.identity()); found != nil {
		instance, ok := found.instance.(T)
		return instance, ok
	}
	var none T
	return none, false
}

func (p *Plugin[C]) install(s *scope, site Site) error {
	return configured[C]{plugin: p}.install(s, site)
}

type configured[C any] struct {
	plugin    *Plugin[C]
	configure func(*C)
}

func (c configured[C]) Name() string { return c.plugin.name }

func (c configured[C]) install(s *scope, site Site) error {
	plugin := c.plugin
	if s.parent != nil && !plugin.scoped {
		return errors.New("it can be installed on the application only")
	}
	for _, known := range s.app.installations {
		if known.name != plugin.name {
			continue
		}
		switch {
		case known.plugin != any(plugin.identity()):
			return errors.New("another plugin of that name is installed")
		case known.scope == s:
			return fmt.Errorf("it is already installed on %s", s.path)
		case known.scope.parent == nil || s.parent == nil:
			return errors.New("it is already installed, and a plugin stands either on the application or on routes")
		}
	}
	config := plugin.defaults()
	if plugin.path != "" {
		if err := s.app.config.Properties.Decode(plugin.path, &config); err != nil {
			return err
		}
	}
	if c.configure != nil {
		c.configure(&config)
	}
	added := &installation{plugin: plugin.identity(), name: plugin.name, config: &config, scope: s}
	s.installed = append(s.installed, added)
	s.app.installations = append(s.app.installations, added)
	return plugin.setup(&PluginBuilder[C]{scope: s, config: &config, installation: added, site: site})
}

// A PluginBuilder is what the setup of a plugin builds with: its hooks run for
// the calls of the scope that the plugin is being installed on. It must not be
// used after setup has returned.
type PluginBuilder[C any] struct {
	scope        *scope
	config       *C
	installation *installation
	site         Site
}

// Config returns the configuration of this installation. It stays the same for
// its life.
func (b *PluginBuilder[C]) Config() *C { return b.config }

// Application returns the application that the plugin is installed in.
func (b *PluginBuilder[C]) Application() *Application { return b.scope.app }

// Scope returns the scope that the plugin is installed on: the application, or
// a route.
func (b *PluginBuilder[C]) Scope() Scope { return b.scope }

// Provide makes instance what runs here, apart from its configuration: what
// [InstanceOf] returns for this installation. A second call replaces the first.
func (b *PluginBuilder[C]) Provide(instance any) { b.installation.instance = instance }

// OnCall runs hook in [PhasePlugins] of each call, also of one that is answered
// already.
func (b *PluginBuilder[C]) OnCall(hook Handler) {
	b.Intercept(PhasePlugins, func(next Handler) Handler {
		return func(c *Call) error {
			if err := hook(c); err != nil {
				return err
			}
			return next(c)
		}
	})
}

// OnCallReceive runs hook in [ReceiveTransform] of each received body.
func (b *PluginBuilder[C]) OnCallReceive(hook ReceiveHook) {
	b.InterceptReceive(ReceiveTransform, hook)
}

// OnCallRespond runs hook in [SendTransform] of each respond.
func (b *PluginBuilder[C]) OnCallRespond(hook SendHook) { b.InterceptSend(SendTransform, hook) }

// OnBodyReady runs hook in [SendAfter], when status, headers and body are
// final.
// Ktor: ResponseBodyReadyForSend.
func (b *PluginBuilder[C]) OnBodyReady(hook SendHook) { b.InterceptSend(SendAfter, hook) }

// OnCallFailed runs hook for each call that ends with an error.
// Ktor: CallFailed.
func (b *PluginBuilder[C]) OnCallFailed(hook FailedHook) {
	b.scope.failed = append(b.scope.failed, owned[FailedHook]{hook, b.installation})
}

// OnResponseSent runs hook once for each call, when nothing more will be
// written.
// Ktor: ResponseSent.
func (b *PluginBuilder[C]) OnResponseSent(hook func(*Call)) {
	b.scope.sent = append(b.scope.sent, owned[func(*Call)]{hook, b.installation})
}

// OnStart is [Application.OnStart].
func (b *PluginBuilder[C]) OnStart(hook LifecycleHook) { b.scope.app.OnStart(hook) }

// OnStopPreparing is [Application.OnStopPreparing].
func (b *PluginBuilder[C]) OnStopPreparing(hook func()) { b.scope.app.OnStopPreparing(hook) }

// OnStop is [Application.OnStop].
func (b *PluginBuilder[C]) OnStop(hook LifecycleHook) { b.scope.app.OnStop(hook) }

// DefaultRoutes has the router serve calls of a method that the plugin's scope
// has no route for. Like names the method whose routes serve them, each at its
// own path: for AutoHeadResponse those for GET serve HEAD. Empty stands for a
// route without handlers at every path of the scope, where the plugin's hooks
// answer, and a call that they leave ends with 404: for CORS such routes serve
// OPTIONS. On the application, whose hooks see every call, an empty like
// changes nothing. A route that was declared for the method, or at the same
// path for any method where like is empty, wins.
func (b *PluginBuilder[C]) DefaultRoutes(method, like string) {
	b.scope.defaults = append(b.scope.defaults, DefaultRoute{method, like, b.site})
}

// Use adds net/http middlewares as [Scope] does, for this installation.
func (b *PluginBuilder[C]) Use(middlewares ...func(http.Handler) http.Handler) {
	for _, middleware := range middlewares {
		b.scope.use(middleware, b.site, b.installation)
	}
}

// Intercept adds an interceptor to a phase, as [Scope] does, for this
// installation.
func (b *PluginBuilder[C]) Intercept(phase Phase, interceptor func(next Handler) Handler) {
	b.scope.intercept(phase, interceptor, b.site, b.installation)
}

// InterceptSend adds a hook to a step of the way out, for this installation.
func (b *PluginBuilder[C]) InterceptSend(step SendStep, hook SendHook) {
	b.scope.send[step] = append(b.scope.send[step], owned[SendHook]{hook, b.installation})
}

// InterceptReceive adds a hook to a step of the way in, for this installation.
func (b *PluginBuilder[C]) InterceptReceive(step ReceiveStep, hook ReceiveHook) {
	b.scope.receive[step] = append(b.scope.receive[step], owned[ReceiveHook]{hook, b.installation})
}
