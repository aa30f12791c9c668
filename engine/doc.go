// Package engine serves an application by net/http: Ktor's embeddedServer.
//
//	func main() {
//		if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// [Server.Run] is [Server.Start], a wait for SIGINT or SIGTERM, and
// [Server.Stop]. A program that owns its signals calls the parts itself. No
// signal is handled outside Run, and no goroutine of a server outlives its
// Stop, unless a handler ignores the end of its context.
//
// # Starting
//
// Start first starts the application, so every mistake in a module is returned
// before anything listens, then binds all connectors, then serves, and logs
// "Responding at http://host:port" for each.
//
// # Stopping
//
// Stop closes the listeners, tells HTTP/2 clients by GOAWAY, and stops the
// application: new calls are answered with 503, and running calls have the
// application's ShutdownGrace to end, which streams use to say goodbye. What a
// call has written reaches its client, up to the last byte, before the
// connection is closed.
//
// Stop is done when the last call is: it neither polls nor waits for clients
// that are connected and ask for nothing, except that HTTP/2 clients have 100
// ms to hear GOAWAY, so that they can tell which requests to repeat elsewhere.
// A client that does not read what it has asked for has the grace period and
// not more. ShutdownTimeout bounds it all.
//
// # Limits
//
// Request headers are limited to 64 KiB (431 above that) and have to arrive
// within 10 s; an idle connection is closed after 2 min. [HTTPServer] changes
// these. Bodies and writes are limited by the application's own configuration,
// [app.Config], whose WriteTimeout also ends HTTP/2 connections that take
// nothing any more.
package engine
