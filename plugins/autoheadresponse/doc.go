// Package autoheadresponse answers HEAD by the routes for GET. It is Ktor's
// AutoHeadResponse plugin.
//
//	a.Install(autoheadresponse.Plugin)
//
//	routing.Routes(a, func(r *routing.Route) {
//		r.Get("/report", func(c *app.Call) error { return c.RespondFile(nil, "report.pdf") })
//	})
//
// A HEAD request gets the head that GET would get: status, headers and, where
// it is known, Content-Length. The body is dropped. Nothing of a reader is read
// beyond the first 512 bytes, which may tell its type, and an [app.Stream] is
// ended by an error of its writer as soon as its head has left, so that no
// answer to HEAD runs on behind its end. What a handler writes to
// [app.Call.Writer] goes nowhere, as in net/http. An event stream sends its
// head, and its function does not run.
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
// In Ktor the request becomes a GET request for all that follows, so a HEAD
// route of one's own is never reached. Here the request stays what it is:
// handlers, plugins and mounted net/http handlers see HEAD, by which
// http.ServeContent knows that nobody waits for the file.
package autoheadresponse
