// Package autoheadresponse answers HEAD requests with the routes for GET.
//
//	a.Install(autoheadresponse.Plugin)
//	routing.Routes(a, func(r *routing.Route) {
//		r.Get("/home", func(c *app.Call) error {
//			return c.RespondText("This is a response to a GET, but HEAD also works")
//		})
//	})
//
// A HEAD request gets the head that GET would get: status, headers and, where
// it is known, Content-Length. The body is dropped. Of a reader only the first
// 512 bytes are read, to detect its type. The writer of an [app.Stream] returns
// an error as soon as the head has left, so that its function ends with the
// response. What a handler writes to [app.Call.Writer] is dropped, as in
// net/http. An event stream sends its head, and its function does not run.
//
// # Routing
//
// The routes are added when the application starts: a call costs nothing more,
// chi.Walk lists them, and Allow names HEAD. A HEAD route that was declared at
// the same path wins; a GET route wins over one for any method, as it does for
// GET.
//
// # Differences from Ktor
//
// Ktor turns the request into a GET request for everything that follows, so a
// HEAD route of the application is never reached. Here it stays a HEAD request
// for handlers, plugins and mounted net/http handlers, so that
// http.ServeContent knows not to read the file.
//
// Ktor: AutoHeadResponse.
package autoheadresponse
