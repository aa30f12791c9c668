// Package plugintest checks what every plugin has to do besides its own job, as
// testing/slogtest does for handlers.
//
//	func TestConforms(t *testing.T) {
//		plugintest.Conform(t, defaultheaders.Plugin,
//			plugintest.Scoped(), plugintest.Adds("Server"))
//	}
//
// [Conform] runs the plugin in an application, over HTTP/1.1 and h2c, installed
// on the application and, with [Scoped] or [Layer], on a route too. It compares the
// responses with those of the same application without the plugin:
//
//   - A second installation is refused when the application starts, with the
//     file and line of the second. So is a plugin on a route of an application
//     that has it too, and on any route without [Scoped]. A layer may be installed
//     anywhere.
//   - What a handler flushes arrives before the handler goes on.
//   - http.ResponseController reaches deadlines and the connection through
//     every writer that the plugin puts around the real one.
//   - Event streams arrive byte for byte and second for second as without the
//     plugin, with the same head except for the headers of [Adds]. They end at
//     once with their client and with the application.
//   - An event stream that only listens to a hub can be parked, unless [Holds] says
//     that it cannot.
//   - HEAD gets the head that GET does, and HEAD, 204 and 304 have no body.
//   - Every other response is the same, those to errors included. A body that
//     breaks off does so for the client.
//   - The body of a request reaches the handler.
//   - Many calls at once are served as one is, which shows most under -race.
//   - Nothing is left behind: each check runs in a bubble of testing/synctest,
//     which fails if a goroutine stays.
package plugintest
