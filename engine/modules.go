package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// modulesPath is where a configuration names the modules of its application.
const modulesPath = "ktor.application.modules"

// Modules are the modules that a configuration may name, by their names. Any
// name will do: those of a Ktor application, such as
// "com.example.ApplicationKt.module", let its file stay as it is. The map must
// not be changed once a server has it.
//
// Ktor: what EngineMain finds by reflection.
type Modules map[string]app.Module

// Load is a module: it runs those that the application's properties name at
// ktor.application.modules, in that order, each as often as it stands there. A
// name that the map does not have is a mistake, which names the line of the
// file and the names that are known, and so is a nil module. Without a list
// nothing runs, which the log says. [FromArgs] and [Main] run it; it also is
// what [EmbeddedServer] and apptest.Start can be given, with a configuration.
func (m Modules) Load(a *app.Application) {
	properties := a.Config().Properties
	if list, _ := properties.Lookup(modulesPath); list == nil {
		a.Logger().Warn("the configuration names no module, so that nothing is served", "key", modulesPath)
		return
	}
	names := properties.List(modulesPath)
	if names == nil {
		a.FailAt(properties.Site(modulesPath), errors.New(modulesPath+": it is no list of the names of modules"))
	}
	for _, item := range names {
		name, _ := item.Text("")
		module, err := m.find(name)
		if err != nil {
			a.FailAt(item.Site(""), fmt.Errorf("%s: %w", modulesPath, err))
			continue
		}
		module(a)
	}
}

// find returns the module of a name, in which Ktor allows # for the last dot.
func (m Modules) find(name string) (app.Module, error) {
	module, known := m[name]
	if !known {
		module, known = m[strings.ReplaceAll(name, "#", ".")]
	}
	switch {
	case !known && len(m) == 0:
		return nil, fmt.Errorf("there is no module %q: engine.Modules is empty", name)
	case !known:
		return nil, fmt.Errorf("there is no module %q: engine.Modules has %s", name, strings.Join(slices.Sorted(maps.Keys(m)), ", "))
	case module == nil:
		return nil, fmt.Errorf("the module %q is nil", name)
	}
	return module, nil
}
