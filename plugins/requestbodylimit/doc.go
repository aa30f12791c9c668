// Package requestbodylimit limits how long the bodies of requests may be. It is
// Ktor's RequestBodyLimit plugin, with the differences listed below.
//
//	a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
//		c.BodyLimit(func(c *app.Call) int64 {
//			if strings.HasPrefix(c.Request.URL.Path, "/upload") {
//				return requestbodylimit.Unlimited
//			}
//			return 64 << 10
//		})
//	}))
//
// # What is limited
//
// The limit stands on the request's body itself, so it holds for every way to
// read it: [app.Call.Receive] into anything, an io.Reader and a multipart body
// included, and Request.Body in handlers, in mounted net/http handlers and in
// middlewares. The bytes of the body are counted as they arrive; what becomes
// of them when they are decoded is limited by [app.Config.BodyLimit], which
// stays in force beside this plugin: of the two, the smaller limit counts.
//
// A body that declares a greater length in Content-Length is refused before the
// handlers run, and not read: PhaseCall, after the OnCall hooks of all plugins,
// so that a page of another origin gets to see the answer. A hook that reads
// such a body earlier gets the error, too. Any other body may be read up to its
// limit; the read that would go beyond fails.
//
// The error is a *http.MaxBytesError. A call that ends with it is answered with
// 413; what a mounted net/http handler answers when reading fails is its own
// affair.
//
// # Installation
//
// On the application the limit is asked for before routing, in PhaseSetup, so
// it can go by the request but not by the route. A limit for a route is
// installed on the route, where the nearest installation is the only one that
// runs.
//
// # Differences from Ktor
//
// Installed as it is, the plugin holds all bodies to app.Config.BodyLimit,
// Ktor's to nothing. The function is asked once for each call. Bytes are
// counted before any decoding, in Ktor after that of plugins installed before;
// a limit on a route below an application that decodes counts decoded bytes.
// The answer does not tell the limit.
package requestbodylimit
