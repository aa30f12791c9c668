// Package defaultheaders adds headers to every response that does not have
// them.
//
//	a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
//		c.Header("X-Content-Type-Options", "nosniff")
//		c.Header("Cache-Control", "no-cache")
//	}))
//
// A header that the response has already is never changed, whoever has set it
// and to what. A header that was set to no values at all, which is net/http's
// way to keep one from being sent, counts as set. The plugin looks once for
// each response, when it is committed, so the same holds for what handlers
// respond with, for mounted net/http handlers, event streams, and 404.
//
// # Date and Server
//
// Date is written by net/http into every response; there is nothing to add.
// Server is "Chitor" unless the configuration says otherwise. Without the
// plugin no Server header is sent.
//
// # Order
//
// The headers are added in the send step ContentEncoding. A default header that
// describes the body, such as ETag, must be there when the body is compressed:
// install this plugin before Compression.
//
// # Differences from Ktor
//
// Server carries no version (RFC 9110 section 10.2.4 advises against needless
// detail). There is no clock to configure: Date is net/http's, and follows the
// fake time of testing/synctest. Mounted handlers, and others that write
// without responding, get the headers as well. The response to an error of a
// send hook runs no hooks, and so has no default headers.
//
// Ktor: DefaultHeaders.
package defaultheaders
