package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/hocon"
)

// A Loader reads configuration files. The zero Loader reads those of the working
// directory. It holds no state, so any goroutine may use it.
//
// Ktor: ConfigLoader.
type Loader struct {
	// Resources are the files that are part of the program, such as an
	// [embed.FS]. They are looked at first, by slash-separated paths without "."
	// and "..": see [fs.ValidPath]. Nil is none.
	//
	// Ktor: the resources of the class path.
	Resources fs.FS
	// Directory is where relative paths begin that are not among the resources.
	// Empty is the working directory.
	Directory string
	// Environment returns an environment variable, and whether it is set. Nil is
	// [os.LookupEnv].
	Environment func(name string) (string, bool)
}

// FileLimit is how many bytes a configuration file may have, and each file that
// it includes.
const FileLimit = 1 << 20

// pathVariable is the environment variable that names the file which is loaded
// if no path is given.
const pathVariable = "CONFIG_FILE"

// Load returns the properties of files, laid one over the other, so that later
// ones win: branches are joined, everything else is replaced. Their extensions
// are .conf, .json or .properties for HOCON, .yaml or .yml for YAML.
//
// Each file is looked for in the resources first, and then in the directory, or
// where its absolute path says. One that is in neither place is an error that
// wraps [fs.ErrNotExist]. Without paths, the environment variable CONFIG_FILE
// names the file; without that, it is the first that exists of application.conf,
// application.yaml and application.yml in the resources, or else of the same
// in the directory. If none does, the properties are empty.
//
// Errors name the file, the line, the column and the key. A file that is larger
// than [FileLimit] is an error.
//
// Ktor: ConfigLoader.loadAll.
func (l Loader) Load(paths ...string) (app.Properties, error) {
	if path, ok := l.lookup(pathVariable); ok && path != "" && len(paths) == 0 {
		paths = []string{path}
	}
	if len(paths) == 0 {
		return l.loadDefault()
	}
	var all app.Properties
	for _, path := range paths {
		properties, err := l.load(path, l.places())
		if err != nil {
			return app.Properties{}, fmt.Errorf("load configuration: %w", err)
		}
		all = all.With(properties)
	}
	return all, nil
}

func (l Loader) loadDefault() (app.Properties, error) {
	for _, at := range l.places() {
		for _, name := range []string{"application.conf", "application.yaml", "application.yml"} {
			properties, err := l.load(name, []place{at})
			switch {
			case err == nil:
				return properties, nil
			case !errors.Is(err, fs.ErrNotExist):
				return app.Properties{}, fmt.Errorf("load configuration: %w", err)
			}
		}
	}
	return app.Properties{}, nil
}

// load reads one file, from the first of the places that has it.
func (l Loader) load(path string, places []place) (app.Properties, error) {
	var read func(name string, text []byte, places []place) (map[string]any, error)
	switch extension := filepath.Ext(path); strings.ToLower(extension) {
	case ".conf", ".json", ".properties":
		read = l.hocon
	case ".yaml", ".yml":
		read = func(name string, text []byte, _ []place) (map[string]any, error) {
			return parseYAML(name, text, l.lookup)
		}
	default:
		return app.Properties{}, fmt.Errorf("%s: the extension %q is none of .conf, .json, .properties, .yaml and .yml", path, extension)
	}
	for i, at := range places {
		text, err := at.read(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return app.Properties{}, fmt.Errorf("%s: %w", path, err)
		}
		name, ownFirst := filepath.ToSlash(path), slices.Concat(places[i:], places[:i])
		tree, err := read(name, text, ownFirst)
		if err != nil {
			return app.Properties{}, err
		}
		// What is missing is missing in this file.
		return app.PropertiesAt("", app.Located{Value: tree, Site: app.Site{File: name}}), nil
	}
	return app.Properties{}, fmt.Errorf("%s: there is no such file in %s: %w", path, describe(places), fs.ErrNotExist)
}

// hocon parses HOCON. What it includes is looked for in the places, in order.
func (l Loader) hocon(name string, text []byte, places []place) (map[string]any, error) {
	return hocon.Parse(name, text, hocon.Options{Lookup: l.lookup, Open: func(name string) ([]byte, error) {
		for _, at := range places {
			if text, err := at.read(name); !errors.Is(err, fs.ErrNotExist) {
				return text, err
			}
		}
		return nil, fs.ErrNotExist
	}})
}

func (l Loader) lookup(name string) (string, bool) {
	if l.Environment == nil {
		return os.LookupEnv(name)
	}
	return l.Environment(name)
}

// A place is where files are looked for: among the resources, or in a directory.
type place struct {
	resources fs.FS  // nil for a directory
	directory string // empty for the working directory
}

// places returns where the loader looks for files, in order.
func (l Loader) places() []place {
	inDirectory := place{directory: l.Directory}
	if l.Resources == nil {
		return []place{inDirectory}
	}
	return []place{{resources: l.Resources}, inDirectory}
}

// describe names places for an error.
func describe(places []place) string {
	var names []string
	for _, at := range places {
		if at.resources != nil {
			names = append(names, "the resources")
			continue
		}
		names = append(names, cmp.Or(at.directory, "the working directory"))
	}
	return strings.Join(names, " or ")
}

// read returns the file at a path of the place. That there is none is
// fs.ErrNotExist.
func (p place) read(path string) ([]byte, error) {
	file, err := p.open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(file, FileLimit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read: %w", err)
	case len(text) > FileLimit:
		return nil, fmt.Errorf("it is larger than %d KiB", FileLimit>>10)
	}
	return text, nil
}

func (p place) open(path string) (fs.File, error) {
	switch {
	case p.resources == nil && filepath.IsAbs(path):
		return os.Open(path) //nolint:gosec // the operator names the file
	case p.resources == nil:
		return os.Open(filepath.Join(p.directory, path)) //nolint:gosec // the same
	case fs.ValidPath(path):
		return p.resources.Open(path)
	default:
		return nil, fs.ErrNotExist
	}
}
