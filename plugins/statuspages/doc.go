// Package statuspages responds to failed calls, and to calls with certain
// statuses, with pages of your own.
//
//	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
//		statuspages.Exception(c, func(call *app.Call, cause *AuthorizationError) error {
//			call.SetStatus(http.StatusForbidden)
//			return call.RespondText("403: " + cause.Error())
//		})
//		c.Status(http.StatusNotFound, func(call *app.Call, status int) error {
//			return call.RespondText("404: Page Not Found")
//		})
//		c.StatusFile(files, "error#.html", http.StatusPaymentRequired)
//	}))
//
// # Errors
//
// [Exception] names a handler for a type of error, [Config.ExceptionFunc] one
// for the errors that a function picks. The handler responds in place of the
// error, no matter whether a handler, a middleware, a hook or work of the call
// has returned it or panicked, on matched routes and elsewhere. The status is
// 200 unless the handler sets one, as in Ktor. What becomes of an error without
// a handler is the same as without the plugin: see [app.Error].
//
// Of the handlers that fit, the most specific one is taken, in whatever order
// they were registered:
//
//   - first those of ExceptionFunc, in order of registration;
//   - then those for a concrete type other than [*app.Error]. If the tree of
//     errors has several such types, the one that comes first on the way from
//     the error to its causes, depth first, as errors.As goes: an application's
//     own error comes before what it wraps, and of joined errors the first;
//   - then those for an interface that *app.Error does not implement, such as
//     net.Error;
//   - then that for *app.Error, which says no more than a status and a text, and
//     is what Receive and the application's own refusals wrap their causes in. A
//     handler for such a cause, such as *json.UnmarshalTypeError, runs in its
//     place;
//   - then those for other interfaces: error, which is Ktor's Throwable, or one
//     of StatusCode() int.
//
// An interface that implements another one comes before it; else the one that
// was registered first.
//
// A handler is the last to see its error: the application does not log it. A
// panic is logged all the same, with its stack, and is an [*app.PanicError].
// Once the response has begun to leave, the handler does not run: the
// application logs the error and cuts the response if a part of it is missing.
// The same holds when the client has gone.
//
// # Statuses
//
// [Config.Status] names a handler for a status, wherever it comes from: a
// handler, an error without a handler of its own, 404 and 405 of routing, a
// mounted net/http handler, a middleware. It is called just before the response
// leaves, and what it responds with, in any way that a handler can, leaves in
// its place: [app.Call.Replace]. The status stays what it was unless the
// handler sets another one. The new response passes all send steps, so it is
// negotiated, converted and compressed like any other. A handler that does not
// respond leaves the old response as it is; [Config.StatusContent] lets it look
// at that first.
//
// The response to HEAD is the head of the page. Event streams are left alone:
// responses whose Content-Type is text/event-stream.
//
// [Config.Unhandled] names a handler for calls that nobody has answered, before
// they become 404.
//
// # Failures within
//
// The plugin does not handle its own responses again: a handler for a status
// does not see the response of a handler for errors, and no handler sees its
// own. An error of a handler for a status is handled like any other error; the
// response to it runs no hooks. An error of a handler for errors is logged, and
// the response is a plain 500.
//
// # Differences from Ktor
//
// Errors are matched along the whole tree that errors.As sees, not by the class
// of the outermost one and its parents, and sentinels and other conditions by a function.
// A handler for a status keeps the status; in Ktor it may turn into 200. Files
// for statuses come from an fs.FS and are read when the plugin is installed, so
// a missing one keeps the application from starting; in Ktor the response is
// then 500. A function is registered for several statuses one by one. A handler
// that would run after the response has begun to leave, which in Ktor can no
// longer change anything, is not called. Behind a middleware that runs the rest
// of the call on a goroutine of its own, such as http.TimeoutHandler, the
// handlers for statuses see the response of a handler for errors like any other.
//
// Ktor: StatusPages.
package statuspages
