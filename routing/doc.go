// Package routing is Chitor's routing DSL, Ktor's routing { } on chi. [Routes]
// opens the routes of an application, a [Route] is a node of their tree, and
// its methods declare what stands below it:
//
//	routing.Routes(a, func(r *routing.Route) {
//		r.Use(middleware.RequestID) // any net/http middleware
//		r.Get("/", index)
//		r.Route("/api", func(r *routing.Route) {
//			r.Get("/users/{id}", user)
//			r.Mount("/legacy", legacyHandler) // any http.Handler
//		})
//		r.SSE("/events", events)
//	})
//
// # Paths
//
// A pattern is split on slashes; a slash in front is optional, and repeated
// slashes are one. Each piece stands for one segment of the request's path,
// decoded: an encoded slash never splits, and a constant may be written plain
// or encoded.
//
//	abc         that segment; case counts
//	{name}      one segment, never empty: [app.Call.PathParam], Request.PathValue and chi.URLParam return it
//	*           one segment without a name
//	{name...}   all segments that remain, also none, joined by slashes; nothing can follow
//	{...}       the same without a name
//	/ at the end a trailing slash: /foo and /foo/ are two routes, and Get("/") inside Route("/foo") is /foo/
//
// Optional parameters, text around a parameter and regular expressions are
// mistakes.
//
// # Conditions
//
// [Route.Header], [Route.Accept], [Route.ContentType], [Route.Param],
// [Route.ParamValue], [Route.OptionalParam], [Route.Host], [Route.HostRegexp],
// [Route.Port], [Route.LocalPort] and [Route.ForMethod] return the part of a
// route for the calls of which something else holds as well:
//
//	r.Accept("text/event-stream").SSE("/prices", prices)
//	r.Host("admin.example.com").Route("/users", func(r *routing.Route) { … })
//
// They can stand in front of a path or behind it, one after the other, and are
// scopes like any route. Where one fails the next best route serves the call;
// if there is none, and only the condition was in the way, the answer is its
// status: 400 for a header or a parameter, 406, 415, and 404 for hosts and
// ports. The headers that conditions have looked at stand in Vary, so that no
// cache gives one client what another one was chosen for. Routes that no
// condition competes with cost what they cost without any.
//
// # Which route
//
// As in Ktor, segments are compared from left to right, and a constant beats a
// parameter, a parameter a *, and a * all that remains; what fails further on,
// its method included, falls back to the next best. A handler for the very
// method beats [Route.Handle]; of two equal routes the first one wins, and
// Start logs a warning. A condition that holds is compared where it stands,
// like a segment: it counts as much as a constant, one for a header or Accept
// as much as its q-value, and what a call may lack, but lacks, little. Behind a
// path it makes the better route; in front of one it shifts what is compared,
// so routes that compete had better have their conditions at the same place. Of
// two that hold the first one wins. The order of declaration decides nothing
// else.
//
// Where only the method is wrong the answer is 405, with the methods that would
// do in Allow; a tail alone does not count, or nothing beside it could be 404.
// HEAD is a method of its own, which event streams answer by themselves.
//
// # The tree
//
// Equal paths are one node, in however many blocks and modules they stand. What
// is given to a node with Use, Install or Intercept applies to everything below
// it, also to what was declared before. It runs once a route has matched, and
// sees its parameters. Use on the root is the exception: it goes to the
// application, runs for every call before routing, and may rewrite the path and
// the method.
//
// [app.Application.Start] freezes the tree into one flat chi.Mux and returns
// every mistake in it, each with its file and line. After that nothing can be
// declared.
//
// # Chi
//
// Chi is asked which endpoint a call belongs to; the chains of middlewares are
// Chitor's own. Around the handlers everything is as below chi:
// chi.RouteContext returns a context that belongs to the call alone, so a
// goroutine may keep it, and an application inside another chi router goes on
// where that one has stopped. [Mux] is for chi.Walk.
package routing
