// Package calllogging logs one line at the end of every call, event streams
// included, by log/slog.
//
//	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
//		c.Filter(func(c *app.Call) bool { return c.Request.URL.Path != "/health" })
//		c.MDC("user", func(c *app.Call) (string, bool) {
//			user := c.QueryParam("user")
//			return user, user != ""
//		})
//	}))
//
// # The line
//
// The line is written when nothing more will be sent, by the application's
// logger and at level info unless [Config] says otherwise, with the context of
// the call. Its attributes are
//
//   - status: the status code of the response, 0 if there was none; after a
//     hijack, such as a WebSocket's, that of the head that was written;
//   - method and path: of the request, without the query, which may hold
//     secrets;
//   - route: the pattern of the route that served the call, "" if none did;
//   - bytes: how many bytes of the body were taken for sending, before
//     compression;
//   - duration: the time since the call reached the plugin, in the Setup phase;
//   - end: why the call ended, as below;
//   - location: where a redirect leads, without query and fragment;
//   - error: what the call has failed with, if it has;
//   - and those of [Config.MDC].
//
// The end is one of
//
//   - answered: the response was sent, whatever its status is;
//   - failed: a handler, hook or middleware returned an error or panicked, and
//     the response was made from that error or was cut off;
//   - client gone: the client left, or did not read what was sent in time,
//     before it had all of the response;
//   - stopping: the application stopped, and the context of the call, or its
//     event stream, ended with it;
//   - aborted: somebody asked for the connection to be cut, with
//     http.ErrAbortHandler.
//
// A call that arrives before the application has started, or while it stops,
// gets 503 and leaves no line.
//
// # Other lines of a call
//
// What Ktor puts into the MDC are attributes here. Their providers are asked
// once the Setup phase is over, again before routing, and at the end, each
// until it has a value, which then stays. Other lines get them in two ways:
// [Logger] returns a logger for one call that has them all, and a logger whose
// handler was made by [NewHandler] adds them to every line that is logged with
// the context of a call, the application's own lines included:
//
//	a.Configure(func(c *app.Config) { c.Logger = slog.New(calllogging.NewHandler(output)) })
//
// # Differences from Ktor
//
// A stream has its line when it ends, also if it ends with an error or because
// the client left; Ktor writes none for a client that disconnects. What Ktor
// formats into a message is attributes, and the message is the same for all
// calls, so that it can be searched for; [Config.Format] brings a message of
// your own. There are no colours: a slog.Handler may add them. There is no
// clock to set: testing/synctest has one. Location has no query. Each line has
// the error. A provider that panics is logged, once.
//
// Ktor: CallLogging.
package calllogging
