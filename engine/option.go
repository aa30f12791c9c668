package engine

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
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
)

// An Option changes how [EmbeddedServer] sets up a server. Of two that say the
// same, the later counts; those that add a connector each add one.
type Option func(*Server)

// Port sets the port of the first connector: 80 by default, as in Ktor and
// net/http. 0 takes any free port, which [Server.Addrs] tells.
func Port(port int) Option {
	return func(s *Server) { s.firstConnector().port = port }
}

// Host sets the address of the first connector: 0.0.0.0 by default, which is
// every interface, by IPv6 too where the system has it. Empty means the same.
func Host(host string) Option {
	return func(s *Server) { s.firstConnector().host = host }
}

// Connector adds a connector, as Ktor's connector block does. The server has
// the one of [Port] and [Host] beside it only if one of these is used as well.
func Connector(host string, port int) Option {
	return func(s *Server) { s.further = append(s.further, connector{host: host, port: port}) }
}

// TLSConnector adds a connector that speaks TLS: HTTP/2, and HTTP/1.1 with
// clients that do not, unless the NextProtos of config say otherwise. Config
// must provide a certificate; it is cloned when the server starts.
// Ktor: sslConnector.
func TLSConnector(host string, port int, config *tls.Config) Option {
	return func(s *Server) {
		s.further = append(s.further, connector{host: host, port: port, security: &security{config: config}})
	}
}

// TLSFiles is [TLSConnector] with a certificate from two PEM files, which Start
// reads: the certificate, followed by those that lead to a root, and its
// private key.
func TLSFiles(host string, port int, certificateFile, keyFile string) Option {
	return func(s *Server) {
		s.further = append(s.further, connector{host: host, port: port, security: &security{certificateFile: certificateFile, keyFile: keyFile}})
	}
}

// Listener adds a connector that is open already: a socket from systemd, a Unix
// socket, a network in memory. The server closes it when it stops or fails to
// start. For HTTP/2 on one that speaks TLS, its NextProtos have to name "h2".
func Listener(listener net.Listener) Option {
	return func(s *Server) { s.further = append(s.further, connector{given: listener}) }
}

// HTTP2Cleartext lets connectors without TLS speak HTTP/2 too, with clients
// that begin with it (h2c with prior knowledge, RFC 9113, section 3.3): proxies
// and tests. Off by default, as in Ktor.
func HTTP2Cleartext() Option {
	return func(s *Server) { s.cleartext = true }
}

// HTTPServer lets configure change the net/http server before it serves:
// limits, protocols, hooks. What it finds there is a MaxHeaderBytes of 64 KiB
// (431 above it, and net/http allows for 4 KiB more), a ReadHeaderTimeout of 10
// s, an IdleTimeout of 2 min, and no other time-outs: [app.Config] has those
// for bodies. A ConnState hook is called beside the server's own. Handler and
// BaseContext are the application's; who replaces them has to call what they
// were. It answers to the configure block of Ktor's engines.
func HTTPServer(configure func(*http.Server)) Option {
	return func(s *Server) { s.configure = append(s.configure, configure) }
}

// ShutdownGrace sets [app.Config].ShutdownGrace: how long Stop lets running
// calls finish before their contexts end. 1 s by default. It is set before the
// modules run, so a module that sets it too has the last word, as for the
// options below.
func ShutdownGrace(grace time.Duration) Option {
	return configureApplication(func(c *app.Config) { c.ShutdownGrace = grace })
}

// ShutdownTimeout sets [app.Config].ShutdownTimeout, which bounds Stop as a
// whole. 5 s by default.
func ShutdownTimeout(timeout time.Duration) Option {
	return configureApplication(func(c *app.Config) { c.ShutdownTimeout = timeout })
}

// Development sets [app.Config].Development: clients see the text of unexpected
// errors. Off by default.
func Development() Option {
	return configureApplication(func(c *app.Config) { c.Development = true })
}

// Logger sets [app.Config].Logger: where the application and the server log. By
// default, and for nil, slog.Default(). What net/http has to say, such as a
// failed TLS handshake, comes at level warn.
func Logger(logger *slog.Logger) Option {
	return configureApplication(func(c *app.Config) { c.Logger = logger })
}

func configureApplication(configure func(*app.Config)) Option {
	return func(s *Server) { s.application.Configure(configure) }
}
