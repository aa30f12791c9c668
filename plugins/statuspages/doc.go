// Package statuspages answers failed calls, and calls of certain statuses, with
// pages of one's own. It is Ktor's StatusPages plugin.
//
//	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
//		statuspages.Exception(c, func(call *app.Call, cause *AuthorizationError) error {
//			call.SetStatus(http.StatusForbidden)
//			return call.RespondText("403: " + cause.Error())
//		})
//		c.Status(http.StatusNotFound, func(call *app.Call, status int) error {
//			return call.RespondText("404: Page Not Found")
//		})
//		c.StatusFile(pages, "error#.html", http.StatusUnauthorized, http.StatusPaymentRequired)
//	}))
//
// # Errors
//
// [Exception] names a handler for a type of error, [Config.ExceptionFunc] one
// for the errors that a function picks. A handler answers in the place of the
// error, whether a handler, a middleware, a hook or work of the call has
// returned it or panicked, on matched routes and elsewhere. The status is 200
// unless the handler sets one, as in Ktor. An error that nobody handles is
// answered as without the plugin: see [app.Error].
//
// Of the handlers that fit, the most specific one is taken:
//
//   - first those of ExceptionFunc, in order of registration;
//   - then those for a concrete type. Where several types stand in the chain of
//     errors, the one that is met first on the way from the error to its
//     causes;
//   - then those for an interface type, such as error, which is Ktor's
//     Throwable. An interface that implements another one comes before it; else
//     the one that was registered first.
//
// A handler is the last to see its error: the application does not log it. A
// panic is logged all the same, with its stack, and is a *[app.PanicError].
// Once an answer has begun to leave there is nothing to handle: the handler
// does not run, and the application logs the error and cuts the answer if a
// part of it is missing. So it is when the client has gone.
//
// # Statuses
//
// [Config.Status] names a handler for a status, wherever it comes from: a
// handler, an error without a handler of its own, 404 and 405 of routing, a
// mounted net/http handler, a middleware. When the answer is about to leave,
// the handler is called, and what it responds with, in any way that a handler
// can, leaves in its place: [app.Call.Replace]. The status stays what it was
// unless the handler sets another one. The new answer goes through all steps of
// the way out, so it is negotiated, encoded and compressed like any other. A
// handler that does not respond leaves the old answer as it is;
// [Config.StatusContent] lets it look at that first.
//
// The answer to HEAD is the head of the page. Event streams are left alone.
//
// [Config.Unhandled] names a handler for calls that nobody has answered, before
// they become 404.
//
// # Failures within
//
// An answer that comes from a handler of the plugin is not handled again:
// neither does a handler for a status see the answer of a handler for errors,
// nor any handler its own. An error of a handler for a status is handled like
// any other error; the answer to it leaves without hooks. An error of a handler
// for errors is logged and answered with a plain 500.
//
// # Differences from Ktor
//
// Errors are matched along the whole chain that errors.As sees, not by the
// class of the outermost one, and sentinels and other conditions by a function.
// A handler for a status keeps the status; in Ktor it may turn into 200. Files
// for statuses come from an fs.FS and are read when the plugin is installed, so
// a missing one keeps the application from starting, where Ktor answers 500. A
// function is registered for several statuses one by one. A handler that runs
// after the answer has begun to leave, which in Ktor can no longer change
// anything, is not called. Behind a middleware that runs the rest of the call
// on a goroutine of its own, such as http.TimeoutHandler, an answer of a
// handler for errors is an answer like any other to the handlers for statuses.
package statuspages
