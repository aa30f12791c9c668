package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Arguments are what the command line says about the configuration.
//
// Ktor: CommandLineConfig.
type Arguments struct {
	// Paths are those of -config, in order. See [Loader.Load].
	Paths []string
	// Properties are those of the other flags. The place where they were written
	// is the flag.
	Properties app.Properties
	// Ignored are the arguments that mean nothing here, in order. They are no
	// error, since a program may have flags of its own, but worth a line in the
	// log: -port 80 and --port=80 are among them.
	Ignored []string
}

// propertyOfFlag returns the property that has a flag of its own, or nothing.
func propertyOfFlag(flag string) string {
	switch flag {
	case "-port", "-host", "-sslPort", "-watch":
		return "ktor.deployment." + flag[1:]
	case "-path":
		return "ktor.deployment.rootPath"
	case "-sslKeyStore":
		return "ktor.security.ssl.keyStore"
	default:
		return ""
	}
}

// ParseArguments reads the arguments of a command line, without the program's
// name: [os.Args] from 1 on. All of them have the form -key=value:
//
//	-config=PATH     a file that is read in place of the default ones, repeatable
//	-P:key=value     a property: -P:database.url=..., -P:hosts.0=...
//	-port=8080       ktor.deployment.port
//	-host=127.0.0.1  ktor.deployment.host
//	-sslPort=8443    ktor.deployment.sslPort
//	-sslKeyStore=x   ktor.security.ssl.keyStore
//	-path=/shop      ktor.deployment.rootPath
//	-watch=a,b       ktor.deployment.watch, a list
//
// Of several for one property the last wins, and a flag of its own wins over -P.
// Values are texts; the properties are read as what is wanted. An empty -config
// or a -P without a key is an error.
//
// Ktor: CommandLineConfig.
func ParseArguments(args []string) (Arguments, error) {
	var parsed Arguments
	var dedicated app.Properties
	var wrong []error
	for _, argument := range args {
		flag, value, isPair := strings.Cut(argument, "=")
		key, isProperty := strings.CutPrefix(flag, "-P:")
		switch {
		case isPair && flag == "-config":
			if value == "" {
				wrong = append(wrong, errors.New("-config=: the path is empty"))
			}
			parsed.Paths = append(parsed.Paths, value)
		case isPair && isProperty:
			if slices.Contains(strings.Split(key, "."), "") {
				wrong = append(wrong, fmt.Errorf("%s: the key %q has an empty name: write -P:key=value or -P:a.key=value", flag, key))
			}
			parsed.Properties = parsed.Properties.With(propertyOf("-P", key, value))
		case isPair && propertyOfFlag(flag) != "":
			dedicated = dedicated.With(propertyOf(flag, propertyOfFlag(flag), value))
		default:
			parsed.Ignored = append(parsed.Ignored, argument)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return Arguments{}, fmt.Errorf("read the command line: %w", err)
	}
	parsed.Properties = parsed.Properties.With(dedicated)
	return parsed, nil
}

// propertyOf returns what a flag says of a property.
func propertyOf(flag, key, text string) app.Properties {
	site := app.Site{File: flag}
	if flag != "-watch" {
		return app.PropertiesAt(key, app.Located{Value: text, Site: site})
	}
	return app.PropertiesAt(key, app.Located{Value: strings.Split(text, ","), Site: site})
}

// Load returns all properties of a program that is started from a command line:
// the files that it names, or the default ones, by [Loader.Load]; over them the
// variables of environ whose names begin with "ktor.", by [FromEnvironment]; and
// over these the flags. Environ is what [os.Environ] returns; nil has none.
//
// Ktor: EngineMain, CommandLineConfig.
func (a Arguments) Load(loader Loader, environ []string) (app.Properties, error) {
	files, err := loader.Load(a.Paths...)
	if err != nil {
		return app.Properties{}, err
	}
	return files.With(FromEnvironment(environ)).With(a.Properties), nil
}

// environmentPrefix is how the names of environment variables begin that are
// properties.
const environmentPrefix = "ktor."

// FromEnvironment returns the environment variables whose names begin with
// "ktor." as properties, each at the path that is its name. Environ is what
// [os.Environ] returns. Shells do not set such names, but env, systemd,
// containers and Kubernetes do. A file has substitutions for all others.
//
// Ktor: the system properties that begin with ktor., which on Native are
// environment variables.
func FromEnvironment(environ []string) app.Properties {
	var properties app.Properties
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, value, isPair := strings.Cut(variable, "=")
		if isPair && strings.HasPrefix(name, environmentPrefix) {
			properties = properties.With(app.PropertiesAt(name, app.Located{Value: value, Site: app.Site{File: "environment"}}))
		}
	}
	return properties
}
