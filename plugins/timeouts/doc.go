// Package timeouts sets time limits for some routes that are not those of the
// application.
//
//	routing.Routes(a, func(r *routing.Route) {
//		r.Group(func(r *routing.Route) {
//			r.Install(timeouts.Plugin.With(func(c *timeouts.Config) {
//				c.ResponseTimeout = 20 * time.Millisecond // 503
//				c.ReadTimeout = 10 * time.Second          // 408
//				c.MinReadRate = 10_000                    // bytes a second
//			}))
//			r.Post("/orders", order)
//		})
//		r.Post("/films", upload) // as the application says
//	})
//
// What a [Config] does not name is as [app.Config] says, also where an outer
// installation says something else: only the nearest one runs.
//
// # What cannot be set for a route
//
// The time to read a request's head. It is read before anybody knows which route
// it asks for, so it is one for the whole server: http.Server.ReadHeaderTimeout,
// 10 s, which engine.HTTPServer changes. The same holds for the size of a head,
// and for how long an idle connection stays open.
//
// # Handlers that go on
//
// ResponseTimeout ends the context of the call, and answers for a handler that
// has come back without an answer. Go has no way to stop one that goes on
// regardless. Where the client is not to wait for such a handler, use
// http.TimeoutHandler as a middleware: it answers from another goroutine, holds
// the whole response back, and cannot stream.
package timeouts
