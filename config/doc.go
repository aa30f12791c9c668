// Package config reads the configuration of an application from files, the
// command line and the environment, as Ktor's EngineMain does.
//
//	arguments, err := config.ParseArguments(os.Args[1:])
//	if err != nil {
//		return err
//	}
//	properties, err := arguments.Load(config.Loader{}, os.Environ())
//	if err != nil {
//		return err
//	}
//	pool, err := app.Property[Pool](properties, "database.pool")
//
// engine.Main does this by itself; engine.Configuration reads files for an
// embedded server. A [Loader] reads application.conf, which is HOCON, or
// application.yaml, and others by name. [Arguments] are laid over the files, and
// so is what [FromEnvironment] returns. What comes out are [app.Properties],
// whose errors name the file, the line and the key.
package config
