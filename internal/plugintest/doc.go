// Package plugintest holds what every plugin has to do besides its own job: a
// conformance kit, as testing/slogtest is for handlers. A plugin runs it in one
// line:
//
//	func TestConforms(t *testing.T) { plugintest.Conform(t, defaultheaders.Plugin, plugintest.Scoped(), plugintest.Adds("Server")) }
//
// [Conform] runs the plugin in an application, over HTTP/1.1 and h2c, on the
// application and with [Scoped] on a route too, and compares what comes out
// with what the same application does without it:
//
//   - a second installation is refused when the application starts, with the
//     file and line of the second; so is one beside another on the way from the
//     application to a route, and on a route at all without [Scoped];
//   - what a handler flushes arrives before the handler goes on;
//   - http.ResponseController reaches deadlines and the connection through
//     whatever the plugin puts around the writer;
//   - event streams arrive byte for byte and second for second as without the
//     plugin, with the same head apart from the headers of [Adds]; they end at
//     once with their client and with the application;
//   - HEAD is answered with the head that GET has, and HEAD, 204 and 304
//     without a body;
//   - an answer stays what it is, errors included, and a body that breaks off
//     breaks off for the client;
//   - the body of a request reaches the handler;
//   - many calls at once are served as one is, which is worth most under -race;
//   - nothing is left behind: each check runs in a bubble of testing/synctest,
//     which fails if a goroutine stays.
package plugintest
