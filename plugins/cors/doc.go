// Package cors lets pages of other origins use an application, and keeps out
// those that may not. It follows the Fetch standard.
//
//	a.Install(cors.Plugin.With(func(c *cors.Config) {
//		c.AllowHost("client-host:8081")
//		c.AllowHeader("Content-Type")
//		c.AllowMethod(http.MethodPut)
//	}))
//
// # What happens to a call
//
// A call without an Origin header, or with one that is no origin, goes on. So
// does one from the application's own origin unless [Config.AllowSameOrigin] is
// off; only its preflights are handled. A
// call gets 403 with an empty body if it comes from an origin that is not
// allowed, has a method that is not allowed, or has a content type that a page
// cannot send without asking unless [Config.AllowNonSimpleContentTypes] is on.
// Any other call goes on, and its response, also that to an error, has
// Access-Control-Allow-Origin and what else is configured.
//
// A preflight, OPTIONS with Access-Control-Request-Method, gets 200 or 403 from
// the plugin, with or without a route for it. Vary: Origin is added wherever
// the response depends on the origin, also to calls without one, since caches
// keep those.
//
// When the response leaves, the plugin's Access-Control headers are the only
// ones: those of a mounted handler, or of a service behind a proxy, are
// replaced, or removed where the plugin sets none, since a browser refuses a
// response that allows two things. Vary is one line then, in which each name
// stands once.
//
// # Where to install it
//
// On the application the plugin sees every call before routing. On a route it
// sees the calls that are routed to somewhere in that route, and adds a route
// for OPTIONS at every path of it, for preflights. A route for OPTIONS, or for
// any method, that exists already is kept, and the plugin runs before its
// handlers. Of several installations on the way to a route only the innermost
// counts.
//
// The plugin runs in the Plugins phase by order of installation, so install it
// before the middlewares that turn calls away, such as authentication: a
// preflight carries no credentials, and a page can read a refusal only if the
// response has the header.
//
// # Credentials
//
// [Config.AnyHost] together with [Config.AllowCredentials] lets every page on
// the web act as the user who looks at it, and Start logs a warning. Name the
// hosts instead, or say it on purpose by [Config.AllowOrigins]. A page whose
// Origin is "null", which any site can make by a sandbox, is never allowed
// credentials unless a function of AllowOrigins allows "null".
//
// # Differences from Ktor
//
// Ktor checks in a phase of its own after the Plugins phase. An Origin with
// anything behind the port, with a user, or without a host is no origin here;
// scheme and host are compared without regard to case. OPTIONS without
// Access-Control-Request-Method is a call like any other, where Ktor refuses it
// as an incomplete preflight. Origin is added to Vary once, in one line with
// the names that Vary lists already, and with [Config.AnyHost] also to
// responses without Access-Control-Allow-Origin, which Ktor leaves as they are.
// Ktor sends what a handler adds besides its own, and lets the origin "null"
// use credentials with anyHost.
// A header that was asked for and is allowed is always named in
// Access-Control-Allow-Headers, also a simple one, since browsers ask for those
// whose value is unusual; an empty Access-Control-Allow-Headers is left out. A
// Content-Type that cannot be read gets 403, not 400. The application's own
// origin is what app.Call.Origin says, behind a proxy with ForwardedHeaders or
// XForwardedHeaders the one that the client sees.
//
// Ktor: CORS.
package cors
