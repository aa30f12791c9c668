package apptest

import (
	"context"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// An Option changes how [Start] and [New] set up a [Host].
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

// Module adds a module, which runs after the one of [Start] and those that were
// added before: what a test needs beside the application, such as a route that
// fails. It answers to Ktor's application, install and routing, used more than
// once.
func Module(module app.Module) Option {
	return func(s *settings) { s.modules = append(s.modules, module) }
}

// Configure lets configure change the configuration of the application before
// its modules run, and that of external services. A module that sets the same
// has the last word; one that is added by [Module] has the last word over it.
// Ktor: environment and serverConfig.
func Configure(configure func(*app.Config)) Option {
	return func(s *settings) { s.configure = append(s.configure, configure) }
}

// Properties lays a tree of configuration over the one that is there, which is
// empty at first: no file is read. The names at its top may be dotted paths:
// "database.url". It works as [Configure] does, and the tree must not be
// changed afterwards. It answers to the overrides of Ktor's configure.
func Properties(tree map[string]any) Option {
	return Configure(func(c *app.Config) {
		for _, path := range slices.Sorted(maps.Keys(tree)) { // a branch before what lies on it
			branch := tree[path]
			names := strings.Split(path, ".")
			for _, name := range slices.Backward(names[1:]) {
				branch = map[string]any{name: branch}
			}
			c.Properties = c.Properties.With(app.NewProperties(map[string]any{names[0]: branch}))
		}
	})
}

// HTTP1 makes the client speak HTTP/1.1, which is the default. It is there for
// tables of modes.
func HTTP1() Option {
	return func(s *settings) { s.http2 = false }
}

// H2C makes the client speak HTTP/2 without TLS, and the server listen to it
// (RFC 9113, section 3.3). Connections of [Host.Dial] may speak either.
func H2C() Option {
	return func(s *settings) { s.http2 = true }
}

// Buffer sets how many bytes the network holds in each direction of a
// connection, before who writes has to wait for who reads: 64 KiB by default,
// also for 0 or less. With [Loopback] the system decides.
func Buffer(bytes int) Option {
	return func(s *settings) { s.buffer = bytes }
}

// Loopback makes the host listen on a free port of 127.0.0.1. A socket knows
// nothing of fake time, so such a test cannot run in a synctest bubble; it is
// for the few that need the real thing. External services stay in memory.
func Loopback() Option {
	return func(s *settings) { s.loopback = true }
}

// Engine passes options on to the server, such as [engine.Development],
// [engine.ShutdownGrace], or an [engine.Logger] in place of the test's own log.
func Engine(options ...engine.Option) Option {
	return func(s *settings) { s.engine = append(s.engine, options...) }
}

// Leaks sets how long goroutines that the application or an external service
// has started may still run when the host has stopped at the end of the test: 5
// s by default. Any that are left then fail the test. Only those are meant that
// a go statement of the tested module has started, in modules, handlers, or
// what these have started; those of libraries, such as pools of connections,
// may belong to somebody who is still there. A negative patience looks for
// none. In a synctest bubble it changes nothing: the bubble finds all that are
// left, at once.
func Leaks(patience time.Duration) Option {
	return func(s *settings) { s.patience = patience }
}

// Run runs test as a subtest for each protocol that a server speaks, http1 and
// h2c. The mode is passed on to [Start]. Bubbles have no subtests:
// synctest.Test goes inside.
func Run(t *testing.T, test func(t *testing.T, mode Option)) {
	t.Helper()
	t.Run("http1", func(t *testing.T) { test(t, HTTP1()) })
	t.Run("h2c", func(t *testing.T) { test(t, H2C()) })
}

// listen opens the network, and returns how to dial it and the URL of what
// listens.
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
