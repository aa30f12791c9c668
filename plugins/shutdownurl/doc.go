// Package shutdownurl stops the server when a URL is asked for.
//
//	a.Install(shutdownurl.Plugin.With(func(c *shutdownurl.Config) {
//		c.URL = "/ktor/application/shutdown"
//	}))
//
// A call whose URI is exactly that, the query included and whatever the method,
// is answered with 410 (Gone) and no body. When the answer has left, the plugin
// asks for the end of the server by [app.Application.RequestStop]: the server of
// package engine stops as for a signal, running calls have their grace, and its
// Run returns. In somebody else's http.Server the application stops, and the
// server is left with a handler that answers 503.
//
// # It is dangerous
//
// Whoever can send a request can end the server, by any method, so that a link
// or an image on a page of somebody else is enough: the plugin asks nobody who
// he is. Nothing installs it by itself. It is for machines on which nothing else
// is reachable, tests, and processes that a script has started. A signal does
// the same without a door to the network. Where it has to be: install it on an
// application that listens at a Unix socket or at 127.0.0.1 alone, or behind a
// proxy that does not pass its URL on, with a URL that nobody guesses.
//
// Plugins that turn calls away before it is reached, by authentication or by
// address, protect it if they are installed before it.
//
// Ktor: ShutDownUrl.
package shutdownurl
