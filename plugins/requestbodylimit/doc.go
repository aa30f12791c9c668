// Package requestbodylimit limits how long the bodies of requests may be.
//
//	a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
//		c.BodyLimit(func(c *app.Call) int64 {
//			if strings.HasPrefix(c.Request.URL.Path, "/upload") {
//				return requestbodylimit.Unlimited
//			}
//			return 16
//		})
//	}))
//
// # What is limited
//
// The limit is on the request's body itself, so it holds for every way to read
// it: [app.Call.Receive] of any type, an io.Reader and a multipart body
// included, and Request.Body in handlers, in mounted net/http handlers and in
// middlewares. The bytes are counted as they arrive.
//
// A limit that is named for a call, by [Config.BodyLimit], may be greater than
// [app.Config.BodyLimit]: as much can then be received as text, bytes, a form or
// a value, and be decoded by the plugin compression, and [Unlimited] switches
// those limits off, too. A smaller one leaves them as they are: they count
// decoded bytes. The parts of a multipart body keep [app.Config.PartLimit].
//
// A body that declares a greater length in Content-Length is refused in
// PhaseCall, before the handlers run, and is not read. The OnCall hooks of all
// plugins have run by then, so that CORS lets a page of another origin see the
// response. A hook that reads such a body earlier gets the error, too. Any
// other body may be read up to its limit; the read that would go beyond fails.
//
// The error is a *http.MaxBytesError. A call that ends with it gets 413; a
// mounted net/http handler responds to an error of a read as it likes.
//
// # Installation
//
// An installation on the application limits the body before routing, in
// PhaseSetup, so its function can look at the request but not at the route. A
// limit for a route is installed on the route; only the nearest installation
// runs.
//
// # Differences from Ktor
//
// Without configuration the plugin limits all bodies to app.Config.BodyLimit;
// Ktor's limits none. The function runs once for each call. Bytes are counted
// before any decoding, in Ktor after the decoding of plugins installed before;
// a limit on a route below an application that decodes counts decoded bytes.
// The response does not say what the limit is.
//
// Ktor: RequestBodyLimit.
package requestbodylimit
