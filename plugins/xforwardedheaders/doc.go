// Package xforwardedheaders lets app.Call.Origin follow the headers X-Forwarded-*
// of the proxies in front of an application, if they are trusted.
//
//	a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) {
//		c.TrustProxies("10.0.0.0/8")
//		c.HostHeaders, c.PortHeaders = nil, nil // this nginx sets none of them
//	}))
//
// Package forwardedheaders is for the header Forwarded, and says what happens if
// both are installed.
//
// # Who is believed
//
// Anybody can send these headers, so they count only if the connection was
// opened by a proxy that is trusted: one whose address [Config.TrustProxies]
// names. The addresses of loopback and of private networks are not trusted by
// themselves, and to trust nobody is a mistake that Start returns.
// [Config.TrustAnyProxy] is for platforms where nobody but the proxy can
// connect, and [Config.TrustUnixSockets] for a proxy that connects to a Unix
// socket.
//
// A trusted proxy passes on the headers that it does not set, as the client has
// sent them. Leave out those that yours does not set: nginx sets what its
// configuration says, most others X-Forwarded-For, -Proto and -Host. What a
// client can claim by one that is left in is the host or port of its own call;
// a cache between that does not look at the header may give the response to
// others.
//
// # Which headers
//
//	X-Forwarded-For                         the client
//	X-Forwarded-Proto, X-Forwarded-Protocol the scheme
//	X-Forwarded-SSL, Front-End-Https        "on" stands for https
//	X-Forwarded-Host, X-Forwarded-Server    host and port
//	X-Forwarded-Port                        the port
//
// Of those of one line the first that is there counts, and those of the third
// only where none of the second is there. The scheme brings its default port, a
// host the one that it names, and X-Forwarded-Port comes last.
//
// # Who is the client
//
// Each proxy appends to X-Forwarded-For the address that it was called from. The
// addresses are read from the right, and the first that is no trusted proxy is
// the client's. What stands further to the left the client has written, and it
// is not looked at. Where all are trusted the leftmost is the client's. Of the
// other headers the value counts that has as many values on its right, or the
// last if there are fewer.
//
// "unknown", and an identifier with an underscore in front, give an origin
// without an address, whose RemoteName they are.
//
// A value that is read and is malformed, a host that can be none, another scheme
// than http and https, and more than 32 proxies are believed in nothing: the
// call is answered with 400, because any origin might let in whom it should not.
//
// # Order
//
// The plugin runs in the Setup phase, before routing, HttpsRedirect, CORS and
// all middlewares, wherever it is installed.
//
// # Differences from Ktor
//
// Ktor believes anybody, and by default the leftmost values, which the client
// writes. Its useFirstProxy is left out for that reason; TrustProxies stands for
// its skipKnownProxies. For extractEdgeProxy write an interceptor of the Setup
// phase that calls app.Call.SetOrigin. In Ktor X-Forwarded-SSL counts besides
// X-Forwarded-Proto. A name for a client, which is no address, is malformed.
//
// Ktor: XForwardedHeaders.
package xforwardedheaders
