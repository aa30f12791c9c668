// Package csrf refuses calls that a page of another site makes a browser send
// with the cookies of whoever looks at it: cross-site request forgery.
//
//	a.Install(csrf.Plugin)
//
// It stands on [net/http.CrossOriginProtection], and needs no token in forms.
//
// # What happens to a call
//
// GET, HEAD and OPTIONS go on: they must not change anything. So does a call
// that is answered already, such as a preflight that CORS in front has answered.
// Of any other call the first of these that it has decides:
//
//   - Sec-Fetch-Site, which browsers send over https and to localhost:
//     "same-origin" and "none", which is what the user does without a page, go
//     on; "same-site" and "cross-site" go on from an origin of
//     [Config.AllowOrigin] alone.
//   - Origin, which browsers send anywhere: it has to be the application's own,
//     by [app.Call.Origin], or one of AllowOrigin. A page of http is not one of an
//     application that is called by https.
//   - Neither: no browser of today has sent it, and it goes on, unless
//     [Config.RequireOrigin] is set.
//
// Then come the checks of [Config.CheckHeader]. A refused call ends with a
// [RefusedError], 403, which [Config.OnFailure] may answer in its own way. Nothing
// that the client has sent is in it, and neither plugins further in nor the handler
// hear of the call.
//
// # Where to install it
//
// On the application the plugin sees every call before routing. On a route or a
// group it sees the calls that are routed to somewhere in it. Of several
// installations on the way to a handler only the innermost counts, so that a
// route for the calls of another service, which brings a proof of its own, has
// one with [Config.SkipWhen]. Install it inside of CORS, so that a page that may
// read its refusal can.
//
// Behind a proxy that ends TLS or changes the host, install ForwardedHeaders or
// XForwardedHeaders too: without them the application does not know the origin
// that its own pages have, and browsers that send no Sec-Fetch-Site are refused.
//
// # What it does not do
//
// It does not protect handlers of GET that change something, nor WebSockets,
// whose handshake is a GET and whose plugin looks at Origin itself. It is no
// defence against a script in a page of your own. Cookies with SameSite=Lax or
// Strict are a second wall beside this one.
//
// Ktor: CSRF.
package csrf
