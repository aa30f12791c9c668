// Package routing declares which handler serves which calls. It is Ktor's
// routing DSL on the chi router.
//
//	func Module(a *app.Application) {
//		a.Install(sse.Plugin)
//		routing.Routes(a, func(r *routing.Route) {
//			r.Use(middleware.RequestID) // any net/http middleware
//			r.Get("/", func(c *app.Call) error { return c.RespondText("index") })
//			r.Route("/users", func(r *routing.Route) {
//				r.Get("/{id}", func(c *app.Call) error {
//					return c.RespondText("user " + c.PathParam("id"))
//				})
//				r.Mount("/legacy", legacy) // any http.Handler
//			})
//			r.SSE("/events", func(s *sse.Session) error { return s.SendText("hello") })
//		})
//	}
//
// [Routes] opens the routes of an application. A [Route] is a part of them, and
// its methods declare what is below it.
//
// # Paths
//
// A pattern is split on slashes. A slash in front is optional, and repeated
// slashes count as one. Each piece stands for one segment of the request's
// path, decoded: an encoded slash never splits, and a constant may be written
// plain or encoded.
//
//	abc          that segment; case counts
//	{name}       one segment, never empty: PathParam, Request.PathValue
//	             and chi.URLParam return it
//	pre{name}suf one segment that begins and ends so; the name is for what is
//	             between, which may be empty
//	{name:expr}  one segment, of 8 KiB at most, that the regular expression
//	             matches as a whole; it has no slash in it, and its braces match
//	{name?}      one segment or none, which is empty then. In the middle of a
//	             path it takes what is there and never gives it back; the slash
//	             at the end of a path is taken as none
//	*            one segment without a name
//	{name...}    all segments that remain, also none, joined by slashes;
//	             nothing can follow
//	pre{name...} the same, if the first one begins so; there is one at least
//	{...}        the same without a name
//	/            at the end, a trailing slash: /foo and /foo/ are two
//	             routes, and Get("/") inside Route("/foo") is /foo/
//
// A name that appears twice in a path has both values, joined by a slash, and
// Start logs a warning. A slash in front of a tail or a mount counts as well:
// Route("/files/") with Get("{path...}") serves /files/ and what is below it,
// and not /files. An expression over several segments is [Route.Regexp]. With
// the plugin [IgnoreTrailingSlash] a slash at the end makes no difference.
//
// Two parameters in one segment are a mistake, and so is what no request has in
// its path: a query, a fragment, a method in front. What other routers read
// otherwise, such as :id, is a constant that Start warns of. A piece that is
// meant as it is written is written encoded: /%3Aid, /a%3Fb.
//
// # Conditions
//
// [Route.Header], [Route.Accept], [Route.ContentType], [Route.Param],
// [Route.ParamValue], [Route.OptionalParam], [Route.Host], [Route.HostRegexp],
// [Route.Port], [Route.LocalPort] and [Route.ForMethod] return the part of a
// route for the calls of which something else holds as well, and [Route.Where]
// that for the calls which meet a condition of your own:
//
//	r.Route("/prices", func(r *routing.Route) {
//		r.Get("", page)
//		r.Accept("text/event-stream").SSE("", prices)
//	})
//	r.Host("admin.example.com").Route("/users", func(r *routing.Route) {
//		r.Get("", func(c *app.Call) error { return c.RespondText("all of them") })
//	})
//
// Conditions can be in front of a path or behind it, one after the other, and
// are scopes like any route. Where one fails, the next best route serves the
// call. If there is none, and only conditions were in the way, the response has
// a status of theirs: 400 for a header or a parameter, 406 for Accept, 415 for
// ContentType, of which the greatest counts, with a text, as [app.Error] has
// it: "Not Acceptable", or what of the request cannot be read. Behind one that
// has only a tail or a mount below it is 404, since anything may be there.
// Hosts and ports are another matter: they hide the routes below them, and a
// call that does not fit gets 404, whatever else it lacks. No order changes
// that. The headers that conditions have looked at are listed in Vary, so that
// no cache gives one client what was chosen for another. Routes that no
// condition competes with cost what they cost without any.
//
// # Groups
//
// [Route.Group] sets some routes apart without a path of their own. What is
// given to the group is for them alone:
//
//	r.Group(func(r *routing.Route) {
//		r.Use(middleware.NoCache)
//		r.Get("/me", me)
//		r.Get("/cart", cart)
//	})
//	r.Get("/news", news)
//
// Which route serves a call is as if there were no groups.
//
// # Which route
//
// As in Ktor, segments are compared from left to right. From the best to the
// worst: a constant or [Route.Regexp], a parameter with text around it or an
// expression, a parameter, a *, a missing optional parameter or an empty tail,
// and a tail. What fails further on, its method included, falls back to the next
// best. A handler for the very method beats [Route.Handle]. Of two equal routes
// the first one wins, and Start logs a warning. The order of declaration decides
// nothing else.
//
// A condition that holds is compared where it is declared, like a segment: it
// counts as much as a constant, one for a header or Accept as much as its
// q-value, and one that is optional and missing counts little. Of two that
// count the same the first one wins. Behind a path a condition makes the better
// route. In front of a path it shifts what is compared, so routes that compete
// had better have their conditions at the same place. So does a method that
// [Route.ForMethod] puts in front of a path. At the root, whose path has a slash
// in any case, "/" beats "".
//
// Where the method is wrong the response is 405, with the methods that would do
// in Allow, unless there is a route for the very method that lacks a condition:
// then that decides. A tail alone does not count, or nothing beside it could be
// 404. HEAD is a method of its own, which event streams answer by themselves.
//
// Where another route serves a call than it should, [Trace] shows each step of
// the choice. ExampleTrace prints one.
//
// # The tree
//
// Equal paths are one part of the tree, in however many blocks and modules they
// are declared. What is given to a route with Use, Install or Intercept applies
// to everything below it, also to what was declared before. It runs once a
// route has matched, and sees its parameters. Use on the root is the exception:
// it is that of the application, runs for every call before routing, and may
// rewrite the path and the method.
//
// [app.Application.Start] compiles the tree and returns every mistake in it,
// each with its file and line. After that nothing can be declared.
//
// # Names
//
// [Route.Named] gives a route a name, and [URL] makes a path of it, escaped as
// it has to be, so that a link follows where the route goes:
//
//	r.Get("/users/{id}", user).Named("user")
//	link, err := routing.URL(a, "user", "id", 7, "tab", "mail") // /users/7?tab=mail
//
// [AllRoutes] lists what was declared.
//
// # Chi
//
// The patterns are those of a chi router, and the chains of middlewares are
// Chitor's own. Around the handlers everything is as below chi:
// chi.RouteContext returns a context that belongs to the call alone, so a
// goroutine may keep it, and an application inside another chi router goes on
// where that one has stopped. [Route.Chi] is a chi router at a route, for code
// that takes one, and [Mux] is for chi.Walk.
package routing
