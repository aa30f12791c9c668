// Routing measures what it costs to find a route among those of GitHub's REST
// API: for Chitor, bare chi, http.ServeMux, echo and gin, in turn.
//
//	go run ./routing
//
// It prints the tables of docs/performance.md: a call through the whole stack of
// each; the choice of a route alone, Chitor's in comparison with chi's; what both
// cost where a condition contests every route, so that a walk chooses; and how many
// of the routes need a walk. It fails if Chitor allocates more than chi, or if its
// choice of one route takes longer than chi's by more than 0.15 of all that chi does.
//
// How the choice alone is measured: a call of Chitor is held at the end of its
// application's pipeline, and from there it is routed again and again to an end
// that does nothing. What that takes with a router that knows one endpoint is taken
// off. Chi finds a context of its own in the request, as it does below another
// router, so that it makes neither one nor a copy of the request: Chitor's call has
// both before routing. Both set the values of the path, on a request that has had
// them before. All that chi does is the choice, the context and the copy.
//
//	go run ./routing -hostile
//
// prints how the time of a call grows with a path that means harm. The server
// itself refuses most of such paths: a head has 64 KiB.
package main
