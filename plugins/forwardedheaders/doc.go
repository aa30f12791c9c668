// Package forwardedheaders lets app.Call.Origin follow the Forwarded header of
// the proxies in front of an application (RFC 7239), if they are trusted.
//
//	a.Install(forwardedheaders.Plugin.With(func(c *forwardedheaders.Config) {
//		c.TrustProxies("10.0.0.0/8", "2001:db8::/64")
//	}))
//
// Package xforwardedheaders is for the headers whose names begin with
// X-Forwarded. Install the one that your proxy sets: the other header comes
// from the client. If both are installed and both headers come, they have to
// agree; a call in which they do not is answered with 400.
//
// # Who is believed
//
// Anybody can send the header, so it counts only if the connection was opened
// by a proxy that is trusted: one whose address [Config.TrustProxies] names. The
// addresses of loopback and of private networks are not trusted by themselves,
// and to trust nobody is a mistake that Start returns. [Config.TrustAnyProxy]
// is for platforms where nobody but the proxy can connect, and
// [Config.TrustUnixSockets] for a proxy that connects to a Unix socket.
//
// # Who is the client
//
// Each proxy appends an element to the header: for= with the address that it
// was called from, and perhaps host= and proto= with what it was asked for. The
// elements are read from the right. The first whose for= is no trusted proxy is
// the one of the client, and its host= and proto= count, if it has them. What
// stands further to the left the client has written, and it is not looked at.
// Where all are trusted the leftmost is the client.
//
// A proxy may hide a client: for=unknown and for=_hidden give an origin without
// an address, whose RemoteName they are.
//
// An element that is read and is malformed, names a host that can be none,
// another scheme than http and https, or more than 32 proxies, is believed in
// nothing: the call is answered with 400, because any origin might let in whom
// it should not.
//
// # Order
//
// The plugin runs in the Setup phase, before routing, HttpsRedirect, CORS and
// all middlewares, wherever it is installed.
//
// # Differences from Ktor
//
// Ktor believes anybody, and by default the leftmost element, which the client
// writes. Its useFirstValue is left out for that reason; TrustProxies stands for
// its skipKnownProxies. For extractValue write an interceptor of the Setup phase
// that calls app.Call.SetOrigin. A name for a client, such as for=client, is
// malformed by the RFC, and so is a value with a comma that is not quoted. A
// white space around a semicolon, and a value with a colon or in brackets
// without quotes, are let pass.
//
// Ktor: ForwardedHeaders.
package forwardedheaders
