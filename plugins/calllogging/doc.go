// Package calllogging logs one line at the end of every call, event streams
// included. It is Ktor's CallLogging plugin, on log/slog, with the differences
// listed below.
//
//	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
//		c.Filter(func(c *app.Call) bool { return strings.HasPrefix(c.Request.URL.Path, "/api/") })
//		c.MDC("call-id", callid.Get)
//	}))
//
// # The line
//
// It is written when nothing more will be sent, by the application's logger and
// at level info, unless [Config] says otherwise, and with the context of the
// call. Its attributes are
//
//   - status: the status code of the answer, 0 if there was none, as after a
//     hijack;
//   - method and path: of the request, without the query, which may hold
//     secrets;
//   - route: the pattern of the route that served the call, "" if none did;
//   - bytes: how many bytes of the body were taken for sending, before
//     compression;
//   - duration: how long the call took from when it reached the plugin, in the
//     Setup phase;
//   - end: why it ended, as below;
//   - location: where a redirect leads, without query and fragment;
//   - error: what the call has failed with, if it has;
//   - and those of [Config.MDC].
//
// The end is one of
//
//   - answered: the answer was sent, whatever its status is;
//   - failed: a handler, hook or middleware returned an error or panicked, and
//     that, or what somebody made of it, was the answer, or the answer was cut
//     off;
//   - client gone: the client left, or did not read what was sent in time,
//     before it had all of the answer;
//   - stopping: the application stopped, and the context of the call, or its
//     event stream, ended with it;
//   - aborted: somebody asked for the connection to be cut, with
//     http.ErrAbortHandler.
//
// A call that arrives before the application has started or while it stops is
// answered with 503 and leaves no line.
//
// # The other lines of a call
//
// What Ktor puts into the MDC are attributes here. They are asked for once the
// Setup phase is over, again before routing, and at the end, each until it has
// a value, which then stays. Other lines get them in two ways: [Logger] returns
// a logger for one call that has them all, and a logger whose handler went
// through [NewHandler] adds them to every line that is logged with the context
// of a call, those of the application too:
//
//	engine.Logger(slog.New(calllogging.NewHandler(slog.NewJSONHandler(os.Stderr, nil))))
//
// # Differences from Ktor
//
// A stream has its line when it ends, with an error or a client that left too;
// Ktor writes none for a client that disconnects. What Ktor formats into a
// message is attributes, and the message is the same for all calls, so that it
// can be searched for; [Config.Format] brings a message of one's own. There are
// no colours: a slog.Handler may add them. There is no clock to set:
// testing/synctest has one. Location loses its query. Each line carries the
// error. A provider that panics is logged, once.
package calllogging
