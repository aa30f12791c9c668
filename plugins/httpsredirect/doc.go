// Package httpsredirect sends clients that have come by http to https.
//
//	a.Install(httpsredirect.Plugin.With(func(c *httpsredirect.Config) {
//		c.SSLPort = 8443
//		c.ExcludePrefix("/.well-known/acme-challenge/")
//	}))
//
// Every call whose origin is http (app.Call.Origin) is redirected to the same
// host, path and query. It runs before routing, so that a path without a route
// is redirected too, in the Plugins phase: what is installed before it, such as
// CORS, comes first. GET and HEAD get 301, or 302 without PermanentRedirect.
// Other methods get 308 or 307, since clients turn a POST that gets 301 into a
// GET; what was sent in the clear has been sent, though. An EventSource follows
// a redirect, to what is another origin: give it the https URL.
//
// # Behind a proxy
//
// A proxy that ends TLS calls the application by http. Without more, every call
// is redirected to where it has come from, again and again. Install
// forwardedheaders or xforwardedheaders and trust the proxy: in any order, since
// they run in the Setup phase. Exclude what is asked for inside of the network,
// such as the checks of a load balancer.
//
// # The host
//
// The host is the one that the client has named, which anybody can make up for
// a call of their own. One that can be no host is answered with 400, as is none,
// so that nothing but a host stands in the Location; a cache in front that does
// not tell hosts apart could still keep a redirect to a strange one. Set
// [Config.Host] if there is one host only, or keep strangers out, by the
// server's configuration or routing's Host. A permanent redirect is kept by
// browsers: try without first.
//
// # Differences from Ktor
//
// Ktor answers every method with 301 or 302, and compares what is excluded with
// path and query: a query that ends as a suffix does would keep a call from
// being redirected. The path is compared without the query, decoded.
//
// Ktor: HttpsRedirect.
package httpsredirect
