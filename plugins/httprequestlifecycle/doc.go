// Package httprequestlifecycle says whether a call goes on when its client has
// gone away.
//
//	r.Route("/orders", func(r *routing.Route) {
//		r.Install(httprequestlifecycle.Plugin.With(func(c *httprequestlifecycle.Config) {
//			c.CancelCallOnClose = false
//		}))
//		r.Post("", order) // what has begun is completed
//	})
//
// Here, as everywhere in net/http, the context of a call ends when its client
// goes away: the plugin is not needed for that, and installed as it is it
// changes nothing. Where [Config.CancelCallOnClose] is false the context goes on
// without the client: a payment that has been taken is booked, though nobody
// waits for the response.
//
// Such a context still ends when the call does, at a deadline that was set
// before the plugin, and with app.ErrStopping when the application stops and the
// grace period is over. What else ends the context before the plugin, such as the
// ResponseTimeout of package timeouts, ends it as long as the client is there.
// What is written to a client that has gone is dropped. Work that shall go on
// when the call has ended is that of app.Application.Go.
//
// A request that asks for an event stream, by Accept: text/event-stream as
// browsers send it, is left alone: the stream ends with its client. A stream
// that is sent without being asked for would be told by the first write that
// fails, and not before: keep the plugin away from it.
//
// # Differences from Ktor
//
// There a call goes on unless the plugin says otherwise, and CancelCallOnClose
// is false by default; here it is true, and ends nothing that would not end
// without the plugin.
//
// Ktor: HttpRequestLifecycle.
package httprequestlifecycle
