package shutdownurl

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Config configures [Plugin]. It is read when the plugin is installed.
//
// Ktor: ShutDownUrl.Config.
type Config struct {
	// URL is what the URI of a request has to be, as it is in its first line: the
	// path, not decoded, and the query. "/ktor/application/shutdown" by default,
	// as in Ktor; one that does not begin with a slash is a mistake.
	//
	// Ktor: shutDownUrl.
	URL string
	// ExitCode returns the status that the process is to end with, from the call
	// that has asked for its end. It runs when that is answered. Nil, the default,
	// is 0; a panic is 1. The server's Run returns any other code than 0 as an
	// [*app.ExitError], with which engine.Main exits.
	//
	// Ktor: exitCodeSupplier.
	ExitCode func(c *app.Call) int
}

// Plugin stops the server when [Config.URL] is asked for. It is installed on the
// application, and answers in the order of installation.
//
// Ktor: ShutDownUrl.ApplicationCallPlugin.
var Plugin = app.NewPlugin("ShutDownUrl", defaultConfig, func(b *app.PluginBuilder[Config]) error {
	config, err := watch(b)
	b.InterceptUntilCommit(app.PhasePlugins, config.intercept)
	return err
})

// EnginePlugin is [Plugin] in front of the application: before every other plugin
// and middleware, so that none protects it. It may be installed beside Plugin. It
// is what the key ktor.deployment.shutdown.url asks for.
//
// Ktor: ShutDownUrl.EnginePlugin.
var EnginePlugin = app.NewPlugin("ShutDownUrl.EnginePlugin", defaultConfig, func(b *app.PluginBuilder[Config]) error {
	config, err := watch(b)
	b.InterceptUntilCommit(app.PhaseSetup, config.intercept)
	return err
})

func defaultConfig() Config { return Config{URL: "/ktor/application/shutdown"} }

// asked is the configuration of the plugin that a call has asked for the end of
// the server.
var asked = app.NewKey[*Config]("ShutDownUrl")

// watch has the end of the server begin when the answer to the call that asks
// for it has left.
func watch(b *app.PluginBuilder[Config]) (*Config, error) {
	config := *b.Config()
	b.OnResponseSent(func(c *app.Call) {
		if by, _ := asked.Get(c); by == &config {
			c.Application().Logger().Warn("the shutdown URL was called: the server is going down", "remote", c.Request.RemoteAddr)
			c.Application().RequestStop(config.cause(c))
		}
	})
	if !strings.HasPrefix(config.URL, "/") {
		return &config, fmt.Errorf("the URL %q does not begin with a slash", config.URL)
	}
	return &config, nil
}

// intercept answers the call that asks for the end of the server.
func (config *Config) intercept(next app.Handler) app.Handler {
	return func(c *app.Call) error {
		if c.Answered() || c.Request.RequestURI != config.URL {
			return next(c)
		}
		asked.Set(c, config)
		return c.RespondStatus(http.StatusGone)
	}
}

// cause returns what the server shall end with.
func (config *Config) cause(c *app.Call) error {
	if config.ExitCode == nil {
		return nil
	}
	code := 1
	var failure error
	app.Attempt(func() error { code = config.ExitCode(c); return nil }, func(err error) { failure = err })
	switch {
	case failure != nil:
		return &app.ExitError{Code: 1, Cause: fmt.Errorf("the exit code of the shutdown URL: %w", failure)}
	case code == 0:
		return nil
	default:
		return &app.ExitError{Code: code, Cause: errors.New("the shutdown URL was called")}
	}
}
