// Package htmx is for pages with htmx (https://htmx.org): routes for its requests
// alone, what its requests say, and what responses tell it.
//
//	routing.Routes(a, func(r *routing.Route) {
//		r.Get("/data", func(c *app.Call) error { return c.RespondHTML(page, nil) })
//
//		hx := htmx.Hx(r)
//		hx.Get("/data", func(c *app.Call) error { return c.RespondHTML(part, nil) })
//		hx.Target("result").Get("/data", func(c *app.Call) error {
//			if err := htmx.Response(c).Trigger("loaded", map[string]int{"rows": 3}); err != nil {
//				return err
//			}
//			return c.RespondHTML(rows, nil)
//		})
//	})
//
// There is no plugin to install.
//
// # Versions
//
// htmx 1 and 2 send the id of the element that is to be changed in HX-Target, and
// of the one that asked in HX-Trigger. htmx 4 sends the names of the elements with
// them, as in "div#result", and HX-Source in place of HX-Trigger. The package
// reads all three.
//
// # Caches
//
// A response that depends on a header must say so in Vary, or a browser shows a
// part of a page in the place of the page when its user goes back. Routes of this
// package and the methods of [RequestHeaders] name the headers that they have
// looked at, on the response of whichever route was chosen.
//
// # Streams
//
// The SSE extension of htmx swaps in the data of an event by its type, so a stream
// needs nothing of this package: sse.Event{Event: "news", Data: "<li>…</li>"} is for
// sse-swap="news".
//
// Ktor: ktor-htmx and ktor-server-htmx.
package htmx
