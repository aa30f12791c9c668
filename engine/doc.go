// Package engine serves an application over net/http: Ktor's embeddedServer.
//
//	// Module is the application.
//	func Module(a *app.Application) {
//		routing.Routes(a, func(r *routing.Route) {
//			r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
//		})
//	}
//
//	func main() {
//		if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// [Server.Run] calls [Server.Start], waits for SIGINT or SIGTERM, and calls
// [Server.Stop]. A program that handles signals itself calls
// [Server.RunContext], or the parts. Only Run handles signals, and no goroutine
// of a server outlives its Stop, unless a handler ignores the end of its context.
//
// # Starting
//
// Start first starts the application, so every mistake in a module is returned
// before anything listens. Modules and start hooks have [StartupTimeout] for
// that. Then it binds all connectors, serves, and logs "Responding at
// http://host:port" for each. If one cannot be bound, nothing stays open.
//
// # Stopping
//
// Stop has the application drain: for the time of [ShutdownDelay] everything is
// served as before, while readiness says no and clients of HTTP/1.1 leave with
// their next answer. Then it closes the listeners, sends GOAWAY to HTTP/2
// clients, and stops the application: new calls get 503, and running calls have
// the application's ShutdownGrace to end, in which streams say goodbye. What a
// call has written reaches its client, up to the last byte, before the
// connection is closed.
//
// After the delay Stop is done as soon as the last call is. It does not poll,
// and it does not wait for clients that are connected and ask for nothing,
// except that HTTP/2 clients have 100 ms to read GOAWAY, so that they know which
// requests to repeat elsewhere. A client that does not read the response that it
// asked for has the grace period and no more. ShutdownTimeout bounds the whole.
//
// [Restart] replaces the process by a new one that has the same sockets.
//
// Without a delay a request may be lost over HTTP/1.1: one that is sent on an
// idle connection at the moment at which it is closed. Its client sees the
// connection end, and repeats the request unless that might do something twice.
//
// # Limits
//
// The headers of a request are limited to 64 KiB (431 above that) and have to
// arrive within 10 s; an idle connection is closed after 2 min. [HTTPServer]
// changes these. Bodies and writes are limited by the application's own
// configuration, [app.Config], whose WriteTimeout also ends HTTP/2 connections
// whose client has stopped reading. [MaxConnections] and
// [MaxConnectionsPerClient] limit how many connections are open, and
// [Server.Stats] counts them, and what ended without a call.
//
// # Slow clients and dead ones
//
// WriteTimeout bounds for how long a client takes nothing. A client that reads
// steadily gets everything, however long that takes: with the default of 30 s
// from 20 KiB/s on, or 60 KiB/s behind a proxy on the same host. Less cannot be
// promised: a system tells the sender that there is room again only when much
// of its buffer is free, and two buffers and those of a proxy lie in a row. A
// client that has stopped reading is cut off after at most twice the time, or
// three times over HTTP/2, because the first bytes went out.
//
// A client whose network is gone, so that nothing says that it has left, is
// noticed within a minute if nothing is sent to it, and otherwise when what was
// sent is WriteTimeout old, at least 25 s. That is the work of keep-alive probes
// and, on Linux, TCP_USER_TIMEOUT (RFC 5482). Other systems may take some
// minutes for the second case.
//
// The connections do this, so it holds in a [Server], for every [Listener] but
// one that speaks TLS itself. In somebody else's http.Server a write ends when
// its time is over, whatever its client has taken, unless that serves what
// [NewListener] returns.
package engine
