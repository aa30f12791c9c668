package apptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// An Option changes how [Start] and [New] set up a [Host]. A nil Option ends the
// test.
type Option func(*settings)

type settings struct {
	http2     bool
	loopback  bool
	buffer    int
	engine    []engine.Option
	modules   []app.Module
	configure []func(*app.Config)
	services  []service
	patience  time.Duration
}

// Module adds a module, which runs after that of [Start] and those that were
// added before: what a test needs besides the application, such as a route that
// fails. A nil module is a mistake that the start returns.
//
// Ktor: application, install and routing, which may be used more than once.
func Module(module app.Module) Option {
	module = notNil(module, app.Caller(1), "option Module: the module is nil")
	return func(s *settings) { s.modules = append(s.modules, module) }
}

// notNil returns module, and in place of nil one that has a mistake made at
// site.
func notNil(module app.Module, site app.Site, text string) app.Module {
	if module != nil {
		return module
	}
	return func(a *app.Application) { a.FailAt(site, errors.New(text)) }
}

// mistake returns an option in place of one that was given nil at site.
func mistake(site app.Site, text string) Option {
	return func(s *settings) { s.modules = append(s.modules, notNil(nil, site, text)) }
}

// Configure lets configure change the configuration of the application before
// its modules run, and that of external services. A module that sets the same
// thing has the last word. A nil configure is a mistake that the start returns.
//
// Ktor: environment and serverConfig.
func Configure(configure func(*app.Config)) Option {
	if configure == nil {
		return mistake(app.Caller(1), "option Configure: the configuration function is nil")
	}
	return func(s *settings) { s.configure = append(s.configure, configure) }
}

// Properties lays a tree over the application's properties, which are empty at
// first: no file is read. The names at its top may be dotted paths:
// "database.url". The values are what [app.NewProperties] takes. It works as
// [Configure] does, and the tree must not be changed afterwards. Nil changes
// nothing.
//
// Ktor: configure with overrides.
func Properties(tree map[string]any) Option {
	return Configure(func(c *app.Config) {
		for _, path := range slices.Sorted(maps.Keys(tree)) { // a branch before what lies on it
			c.Properties = c.Properties.With(app.PropertiesAt(path, tree[path]))
		}
	})
}

// Configuration lays the properties of configuration files over the
// application's properties, as [engine.Configuration] does, and takes nothing
// else from them: no connector is opened. The paths are relative to the folder
// of the test. The modules that files name run if the host starts
// [engine.Modules.Load]. A file that cannot be read is a mistake that the start
// returns.
//
// Ktor: configure.
func Configuration(paths ...string) Option {
	site := app.Caller(1)
	return func(s *settings) {
		properties, err := config.Loader{}.Load(paths...)
		if err != nil {
			s.modules = append(s.modules, func(a *app.Application) { a.FailAt(site, fmt.Errorf("option Configuration: %w", err)) })
			return
		}
		Configure(func(c *app.Config) { c.Properties = c.Properties.With(properties) })(s)
	}
}

// HTTP1 makes the client speak HTTP/1.1, which is the default. It is made for
// tables of modes.
func HTTP1() Option {
	return func(s *settings) { s.http2 = false }
}

// H2C makes the client speak HTTP/2 without TLS, and the server accept it (RFC
// 9113, section 3.3). A connection of [Host.Dial] may speak either version.
func H2C() Option {
	return func(s *settings) { s.http2 = true }
}

// Buffer sets how many bytes a connection holds in each direction before a write
// has to wait for a read: 64 KiB by default, and for 0 or less. With [Loopback]
// the system decides.
func Buffer(bytes int) Option {
	return func(s *settings) { s.buffer = bytes }
}

// Loopback makes the host listen on a free port of 127.0.0.1. Sockets do not
// work in a synctest bubble, so neither does such a test; it is for the few that
// need a real socket. External services stay in memory.
func Loopback() Option {
	return func(s *settings) { s.loopback = true }
}

// Engine passes options on to the server, such as [engine.Development],
// [engine.ShutdownGrace], or an [engine.Logger] in place of the test's own log.
// A nil option is a mistake that the start returns.
func Engine(options ...engine.Option) Option {
	if slices.ContainsFunc(options, func(o engine.Option) bool { return o == nil }) {
		return mistake(app.Caller(1), "option Engine: an option is nil")
	}
	return func(s *settings) { s.engine = append(s.engine, options...) }
}

// Leaks sets how long goroutines that the application or an external service
// has started may still run when the host has stopped at the end of the test: 5
// s by default, and with 0 not at all. Any that are left then fail the test.
// Only those count that a go statement of the tested Go module has started, in
// the application's modules and handlers or in what these have started. Those
// of libraries, such as pools of connections, may still be in use elsewhere. A
// negative patience looks for no goroutines. In a synctest bubble Leaks changes
// nothing: the bubble finds all that are left, at once.
func Leaks(patience time.Duration) Option {
	return func(s *settings) { s.patience = patience }
}

// Run runs test as a subtest for each protocol that a server speaks, http1 and
// h2c. Test passes the mode on to [Start]. A bubble cannot have subtests, so
// synctest.Test goes inside.
func Run(t *testing.T, test func(t *testing.T, mode Option)) {
	t.Helper()
	t.Run("http1", func(t *testing.T) { test(t, HTTP1()) })
	t.Run("h2c", func(t *testing.T) { test(t, H2C()) })
}

// listen opens the network, and returns how to dial it and the host's URL.
func (s *settings) listen(ctx context.Context) (net.Listener, func(context.Context) (net.Conn, error), string, error) {
	if !s.loopback {
		listener := memnet.Listen(memnet.Buffer(s.buffer))
		return listener, listener.Dial, "http://localhost", nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, "", err
	}
	address := listener.Addr().String()
	dial := func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }
	return listener, dial, "http://" + address, nil
}
