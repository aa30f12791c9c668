package app

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// A Plugin is a feature with a configuration of type C that can be installed.
// It is made once, by [NewPlugin], [NewScopedPlugin] or [NewLayer], as a package
// variable, and holds no state, so any number of applications may install it.
// Installing the plugin itself takes its defaults.
//
// Ktor: Plugin.
type Plugin[C any] struct {
	name     string
	kind     pluginKind
	defaults func() C
	setup    func(*PluginBuilder[C]) error
	mistake  error // of the line that made the plugin, nil if there is none

	// Of a plugin that FromProperties made.
	path     string     // of its properties
	original *Plugin[C] // the plugin that FromProperties was called on
}

// pluginKind says where a plugin can be installed, and which of its
// installations run for a call.
type pluginKind uint8

const (
	applicationPlugin pluginKind = iota // on the application, once
	scopedPlugin                        // on the application or on routes, the nearest runs
	layerPlugin                         // on any scopes, all of them run
)

// An Installable is a [Plugin], or a plugin with a configuration, as
// [Plugin.With] returns it.
type Installable interface {
	// Name returns the name of the plugin.
	Name() string

	install(c change)
}

// NewPlugin returns a plugin that can be installed on an application, once, and
// sees all its calls. Of the three kinds of plugins it is the one for what
// there is one of: a logger of calls, an identifier of each call. See
// [NewScopedPlugin] for what may differ from route to route, and [NewLayer] for
// what adds up.
//
// Defaults returns the configuration that an installation starts from; it is a function
// so that no two installations share a map or a slice. Setup runs once for each
// installation and adds the hooks of the plugin; an error that it returns is a
// mistake that Start reports with the line that installed the plugin. If one of
// the two is nil, every installation is a mistake, whose text names the line
// that called NewPlugin.
//
// Ktor: createApplicationPlugin.
func NewPlugin[C any](name string, defaults func() C, setup func(*PluginBuilder[C]) error) *Plugin[C] {
	return newPlugin(&Plugin[C]{name: name, defaults: defaults, setup: setup}, Caller(1))
}

// NewScopedPlugin returns a plugin that can be installed on an application or
// on routes; see [NewPlugin] for what it is given. Of several installations on
// routes, the one nearest to the handler is the only one that runs, and its
// configuration starts from the defaults; it runs only for calls that a route
// matched. A plugin that is installed on the application cannot be installed on
// a route as well, nor twice on one scope. It is the kind for a setting that an
// inner part of the routes may take back: a policy, an encoding, a limit.
//
// Ktor: createRouteScopedPlugin.
func NewScopedPlugin[C any](name string, defaults func() C, setup func(*PluginBuilder[C]) error) *Plugin[C] {
	return newPlugin(&Plugin[C]{name: name, defaults: defaults, setup: setup, kind: scopedPlugin}, Caller(1))
}

// NewLayer returns a plugin of which every installation runs: see [NewPlugin]
// for what it is given. It can be installed on the application, on routes
// within, and any number of times on one scope. For a call the installations of
// all scopes from the application down to the handler run, outer ones first,
// those of one scope in the order in which they were installed, in turn with
// what else is there, such as middlewares. It is the kind for what an inner
// part of the routes must not take back: authentication, a limit of the rate of
// calls. When an OnCall hook has returned an error, the layers inside of it do
// not run; when it has answered, they run, but no handler does. A layer that
// refuses calls therefore asks [Call.Answered] first: its error would take the
// place of what CORS, in front of it, has answered to a preflight, which never
// carries credentials.
//
// On the application a layer sees every call, on a route those that the route
// has matched. The setup of a layer uses its own [PluginBuilder.Config]:
// [Plugin.In] and [InstanceOf] find the nearest installation alone, and of
// several on one scope the last.
//
// Ktor: what authenticate and rateLimit do, for which it has no plugin kind.
func NewLayer[C any](name string, defaults func() C, setup func(*PluginBuilder[C]) error) *Plugin[C] {
	return newPlugin(&Plugin[C]{name: name, defaults: defaults, setup: setup, kind: layerPlugin}, Caller(1))
}

func newPlugin[C any](p *Plugin[C], site Site) *Plugin[C] {
	switch {
	case p.defaults == nil:
		p.mistake = fmt.Errorf("%s: new plugin: the defaults function is nil", site)
	case p.setup == nil:
		p.mistake = fmt.Errorf("%s: new plugin: the setup function is nil", site)
	}
	return p
}

// FromProperties returns a plugin like p whose configuration starts from the
// defaults and from what the application's [Properties] hold at path, before
// With changes it. Properties that the configuration does not have, such as one
// that is misspelt, are mistakes of the installation: see
// [Properties.DecodeStrict]. To an application the two are one plugin: unless it is a
// layer, only one of them can be installed in one place, and [Plugin.In] of
// either finds it.
//
// Ktor: createApplicationPlugin with a configurationPath.
func (p *Plugin[C]) FromProperties(path string) *Plugin[C] {
	if p == nil {
		return nil
	}
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
// to change, once for each installation. A nil configure is a mistake of the
// line that calls With.
func (p *Plugin[C]) With(configure func(*C)) Installable {
	c := configured[C]{plugin: p, configure: configure}
	if configure == nil {
		c.unconfigured = Caller(1)
	}
	return c
}

// In returns the configuration of p in scope, or in the nearest scope around
// it, and whether it is installed there. Of several installations of a layer on
// one scope it is the last one's. The configuration must not be changed after
// Start.
//
// Ktor: pluginOrNull.
func (p *Plugin[C]) In(scope Scope) (*C, bool) {
	if found := scope.sealed().find(p.identity()); found != nil {
		return found.config.(*C), true
	}
	return nil, false
}

// InstanceOf returns what plugin has provided where it is installed: in scope,
// or in the nearest scope around it, by the installation that [Plugin.In]
// finds. It reports false if the plugin is not
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

func (p *Plugin[C]) install(c change) { configured[C]{plugin: p}.install(c) }

type configured[C any] struct {
	plugin       *Plugin[C]
	configure    func(*C) // nil takes the defaults
	unconfigured Site     // the line that called With with nil, if one did
}

func (c configured[C]) Name() string { return c.plugin.name }

func (c configured[C]) install(where change) {
	if c.plugin == nil {
		where.fail(errors.New("install: the plugin is nil"))
		return
	}
	what := "install " + c.plugin.name
	if !where.open(where.site, what) {
		return
	}
	if c.unconfigured != (Site{}) {
		where.site = c.unconfigured
		where.fail(fmt.Errorf("%s: the configuration function is nil", what))
		return
	}
	for _, err := range mistakes.Split(c.add(where)) {
		where.fail(fmt.Errorf("%s: %w", what, err))
	}
}

// add installs the plugin, unless something speaks against it.
func (c configured[C]) add(where change) error {
	plugin, s := c.plugin, where.scope
	if plugin.mistake != nil {
		return plugin.mistake
	}
	if err := plugin.fits(s); err != nil {
		return err
	}
	config := plugin.defaults()
	if plugin.path != "" {
		if err := s.app.config.Properties.DecodeStrict(plugin.path, &config); err != nil {
			return err
		}
	}
	if c.configure != nil {
		c.configure(&config)
	}
	added := &installation{
		plugin: plugin.identity(), name: plugin.name, kind: plugin.kind, scope: s, site: where.site, config: &config,
	}
	s.installed = append(s.installed, added)
	s.app.installations = append(s.app.installations, added)
	return sound(plugin.setup(&PluginBuilder[C]{scope: s, config: &config, installation: added}))
}

// fits returns what speaks against installing the plugin on s.
func (p *Plugin[C]) fits(s *scope) error {
	if s.parent != nil && p.kind == applicationPlugin {
		return errors.New("it can be installed on the application only")
	}
	for _, known := range s.app.installations {
		if known.name != p.name {
			continue
		}
		switch {
		case known.plugin != any(p.identity()):
			return fmt.Errorf("another plugin of that name is installed, at %s", known.site)
		case p.kind == layerPlugin:
		case known.scope == s:
			return fmt.Errorf("it is already installed on %s, at %s", s.path, known.site)
		case known.scope.parent == nil || s.parent == nil:
			return fmt.Errorf("it is already installed, at %s, and a plugin stands either on the application or on routes", known.site)
		}
	}
	return nil
}

// An installation is one plugin installed on one scope.
type installation struct {
	plugin any // *Plugin[C]
	name   string
	kind   pluginKind
	scope  *scope
	site   Site // the line that installed it

	config   any // *C
	instance any // what the plugin has provided, nil if nothing
}

// runsFor reports whether the installation runs for calls that reach s, which is
// its scope or lies within: every layer does, and of other plugins the one that
// is nearest to s.
func (i *installation) runsFor(s *scope) bool {
	return i.kind == layerPlugin || s.find(i.plugin) == i
}
