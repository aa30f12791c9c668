package engine

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"time"

	"github.com/chitor-go/chitor/app"
)

// The defaults of a server.
const (
	defaultHost       = "0.0.0.0"
	defaultPort       = 80
	maxHeaderBytes    = 64 << 10
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	startupTimeout    = 10 * time.Second
)

// An Option changes how [EmbeddedServer] sets up a server. Of two that set the
// same thing the later counts; each that adds a connector adds one. A nil
// Option is a mistake that [Server.Start] returns, with the line that calls
// EmbeddedServer.
type Option func(*Server)

// Port sets the port of the first connector: 80 by default, as in Ktor and
// net/http. 0 takes any free port; [Server.Addrs] says which.
func Port(port int) Option {
	return func(s *Server) { s.firstAddress().port = port }
}

// Host sets the address of the first connector: 0.0.0.0 by default, which is
// every interface, over IPv6 too where the system has it. Empty means the same.
func Host(host string) Option {
	return func(s *Server) { s.firstAddress().host = host }
}

// Connector adds a connector. The server has the one of [Port] and [Host] as
// well only if one of these is used. An empty host is every interface, port 0
// any free port.
//
// Ktor: connector.
func Connector(host string, port int) Option {
	return func(s *Server) { s.further = append(s.further, connector{place: &address{host, port}}) }
}

// Listener adds a connector that is open already, such as a network in memory.
// The server closes it when it stops or fails to start. For HTTP/2 over a
// listener that speaks TLS, its NextProtos have to name "h2", and slow clients
// get everything only if it goes around one of [NewListener]. A nil listener, or a
// nil pointer in its place, is a mistake that [Server.Start] returns.
func Listener(listener net.Listener) Option {
	if value := reflect.ValueOf(listener); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return mistake(app.Caller(1), "listener: it is nil")
	}
	return func(s *Server) { s.further = append(s.further, connector{place: given{listener}}) }
}

// HTTP2Cleartext lets connectors without TLS speak HTTP/2 too, with clients
// that begin with it (h2c with prior knowledge, RFC 9113, section 3.3): proxies
// and tests. Off by default, as in Ktor.
func HTTP2Cleartext() Option {
	return func(s *Server) { s.cleartext = true }
}

// HTTPServer lets configure change the net/http server before it serves:
// limits, protocols, hooks. By then it has a MaxHeaderBytes of 64 KiB (431
// above it, and net/http allows for 4 KiB more), a ReadHeaderTimeout of 10 s,
// an IdleTimeout of 2 min, and no other time-outs: [app.Config] has those for
// bodies. A ConnState hook is called before the server's own. Connections have
// methods NetConn and SyscallConn for what is below them. Handler and
// BaseContext are the application's; a function that replaces them has to call
// what they were. A nil configure is a mistake that [Server.Start] returns.
//
// Ktor: configure, the block of the engine's own settings.
func HTTPServer(configure func(*http.Server)) Option {
	if configure == nil {
		return mistake(app.Caller(1), "HTTP server: the configuration function is nil")
	}
	return func(s *Server) { s.configure = append(s.configure, configure) }
}

// ShutdownGrace sets [app.Config].ShutdownGrace: how long Stop lets running
// calls finish before their contexts end. 1 s by default; 0 ends them at once.
// It is set before the modules run, so a module that sets it too has the last
// word. The same holds for [ShutdownTimeout], [Development] and [Logger].
func ShutdownGrace(grace time.Duration) Option {
	return configureApplication(func(c *app.Config) { c.ShutdownGrace = grace })
}

// ShutdownTimeout sets [app.Config].ShutdownTimeout, which bounds Stop as a
// whole. 5 s by default.
func ShutdownTimeout(timeout time.Duration) Option {
	return configureApplication(func(c *app.Config) { c.ShutdownTimeout = timeout })
}

// ShutdownDelay sets how long the server goes on as before when it begins to
// stop, so that whoever sends it calls can go elsewhere: the application drains
// (see [app.Application.Drain]), which a readiness probe sees, and answers over
// HTTP/1.1 ask for the connection to be closed. Then the listeners close, and
// ShutdownTimeout begins. A load balancer needs the time between two of its
// probes, times the failures that it waits for. 0 by default; a negative delay
// is a mistake. A second signal to [Server.Run] ends it, and so does the context
// of [Server.Stop], which is left ShutdownTimeout.
func ShutdownDelay(delay time.Duration) Option {
	if delay < 0 {
		return mistake(app.Caller(1), "shutdown delay: it is negative")
	}
	return func(s *Server) { s.delay = delay }
}

// StartupTimeout bounds how long modules and start hooks may take:
// [Server.Start] then returns an error that names the one that runs, and wraps
// context.DeadlineExceeded. 10 s by default; 0 sets no limit, and a negative
// time-out is a mistake.
//
// Ktor: ktor.application.startupTimeoutMillis.
func StartupTimeout(timeout time.Duration) Option {
	if timeout < 0 {
		return mistake(app.Caller(1), "startup timeout: it is negative")
	}
	return func(s *Server) { s.startup = timeout }
}

// Development sets [app.Config].Development: clients see the text of unexpected
// errors. Off by default.
func Development() Option {
	return configureApplication(func(c *app.Config) { c.Development = true })
}

// Logger sets [app.Config].Logger: where the application and the server log. By
// default, and for nil, that is slog.Default(). What net/http logs, such as a
// failed TLS handshake, comes at level warn.
func Logger(logger *slog.Logger) Option {
	return configureApplication(func(c *app.Config) { c.Logger = logger })
}

func configureApplication(configure func(*app.Config)) Option {
	return func(s *Server) { s.application.Configure(configure) }
}

// mistake returns an option in place of one that was given nil at site.
// Start returns what it says.
func mistake(site app.Site, text string) Option {
	return func(s *Server) { s.application.FailAt(site, errors.New(text)) }
}
