package engine

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

// Resources are files that a program brings along, as an embed.FS does:
// configuration files and key stores are looked for in them first, and then in
// the working directory. Without it, and for nil, there is the working directory
// alone. It has to stand before [Configuration].
//
// Ktor: the resources of the class path.
func Resources(files fs.FS) Option {
	return func(s *Server) { s.resources = files }
}

// Configuration gives the application the properties of configuration files,
// HOCON or YAML by their extension, and takes from them what [FromArgs] takes:
// connectors, TLS, time-outs, the root path, development mode. Of several files
// the later ones win. Without a path it is application.conf or application.yaml,
// and nothing if there is none; a file that is named has to exist. What is wrong
// with them is a mistake that [Server.Start] returns. As with all options the
// later counts: one behind it changes what the files say, one before it is what
// they change. The modules that files name are run by [Modules.Load].
//
// Ktor: ApplicationEnvironmentBuilder.configure.
func Configuration(paths ...string) Option {
	site := app.Caller(1)
	return func(s *Server) { s.configured(site)(s.loader().Load(paths...)) }
}

// FromArgs returns the server that arguments of the command line, without the
// program's name, and configuration files describe. Its modules are those of
// modules that the files name, in their order. It reads files and opens nothing
// else.
//
// The files are those of -config, or application.conf or application.yaml, in
// [Resources] and then in the working directory. -P:key=value, -port, -host,
// -sslPort, -sslKeyStore and -path change what they say; other arguments are
// ignored. Options come first: files and arguments have the last word.
//
// The error says which argument or file cannot be read. What is wrong with what
// they say is returned by [Server.Start], together with the mistakes of modules;
// so is that there is no connector, in files, arguments and options.
//
// Ktor: EngineMain.createServer, CommandLineConfig.
func FromArgs(args []string, modules Modules, options ...Option) (*Server, error) {
	return fromArgs(app.Caller(1), args, modules, options)
}

func fromArgs(site app.Site, args []string, modules Modules, options []Option) (*Server, error) {
	s := newServer(site, modules.Load, options)
	properties, err := s.fromCommandLine(args)
	if err != nil {
		return s, err
	}
	if s.take(site, properties) && s.first == nil && !s.hasOthers() {
		s.application.FailAt(site, errors.New("there is no connector: say ktor.deployment.port or ktor.deployment.sslPort "+
			"in application.conf or application.yaml, or -port or -sslPort on the command line"))
	}
	return s, nil
}

// CommandLine is [Configuration] with the arguments of the command line, without
// the program's name, which name files and change what they say: see [FromArgs].
// The server has the modules that [EmbeddedServer] is given.
//
// Ktor: takeFrom with a CommandLineConfig.
func CommandLine(args []string) Option {
	site := app.Caller(1)
	return func(s *Server) { s.configured(site)(s.fromCommandLine(args)) }
}

// fromCommandLine returns the properties of files, of the environment and of
// arguments, the later over the earlier.
func (s *Server) fromCommandLine(args []string) (app.Properties, error) {
	arguments, err := config.ParseArguments(args)
	if err != nil {
		return app.Properties{}, err
	}
	if len(arguments.Ignored) > 0 {
		s.application.Logger().Warn("arguments that are no configuration were ignored", "arguments", flagsOf(arguments.Ignored))
	}
	return arguments.Load(s.loader(), os.Environ())
}

// flagsOf returns arguments for the log, without what may be a secret: values.
func flagsOf(arguments []string) []string {
	shown := make([]string, len(arguments))
	for i, argument := range arguments {
		flag, value, _ := strings.Cut(argument, "=")
		switch {
		case !strings.HasPrefix(flag, "-"):
			shown[i] = "..."
		case value != "":
			shown[i] = flag + "=..."
		default:
			shown[i] = argument
		}
	}
	return shown
}

// configured returns what takes the properties that were loaded for site.
func (s *Server) configured(site app.Site) func(app.Properties, error) {
	return func(properties app.Properties, err error) {
		if err != nil {
			s.application.FailAt(site, err)
			return
		}
		s.take(site, properties)
	}
}

func (s *Server) loader() config.Loader { return config.Loader{Resources: s.resources} }

// take makes the server what properties say that were loaded, over those that it
// had, and reports whether they are right. What is wrong with them is a mistake of
// site, which asked for them.
func (s *Server) take(site app.Site, loaded app.Properties) bool {
	var all app.Properties
	s.application.Configure(func(c *app.Config) {
		all = c.Properties.With(loaded)
		c.Properties = all
	})
	general, ofSettings := settingsOf(loaded)
	deployed, ofDeployment := deploymentOf(loaded)
	var secured *ssl
	var ofSSL error
	if deployed.SSLPort != nil || deployed.Host != "" || len(loaded.At(sslPath).Keys()) > 0 {
		secured, ofSSL = sslOf(all) // an earlier file may have the rest
	}
	if err := errors.Join(ofSettings, ofDeployment, ofSSL); err != nil {
		s.application.FailAt(site, err)
		return false
	}
	if unknown := unknownNames(loaded); unknown != nil {
		s.application.Logger().Warn("the configuration has names that mean nothing here", "error", unknown)
	}
	general.apply(s)
	deployed.apply(s)
	if secured != nil {
		secured.apply(s, all.Site(sslPath+".enabledProtocols"))
	}
	return true
}
