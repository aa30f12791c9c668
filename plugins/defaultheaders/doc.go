// Package defaultheaders adds headers to every answer that does not have them.
// It is Ktor's DefaultHeaders plugin.
//
//	a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
//		c.Header("X-Content-Type-Options", "nosniff")
//		c.Header("Server", "Custom")
//	}))
//
// A header that the answer has already is never changed, whoever has set it and
// to what; a header that was set to no values at all, net/http's way to keep
// one from being sent, counts as set. That is looked at once for each answer,
// when it is committed, so it holds alike for what handlers respond, for
// mounted net/http handlers, event streams, and 404.
//
// # Date and Server
//
// Date is written by net/http into every answer; there is nothing to add.
// Server says "Chitor" unless the configuration says otherwise. Without the
// plugin no Server header is sent.
//
// # Order
//
// The headers are added in the step of content encoding. A default header that
// describes the body, such as ETag, has to be there when the body is encoded:
// then install the plugin before Compression.
//
// # Differences from Ktor
//
// Server carries no version (RFC 9110 section 10.2.4 asks for no needless
// detail). There is no clock to configure: Date is net/http's, and follows the
// fake time of testing/synctest. Mounted handlers and whoever else writes
// without responding get the headers as well. An answer to the error of a send
// hook goes out past all hooks, and so without them.
package defaultheaders
