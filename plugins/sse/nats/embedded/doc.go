// Package embedded is a NATS server in the process itself, for the broker of
// package nats. There is nothing to install, and without Config.Listen no port.
//
//	func Module(a *app.Application) {
//		a.Install(sse.Plugin)
//		server, err := embedded.Start(func(c *embedded.Config) { c.Directory = "/var/lib/news" })
//		if err != nil {
//			a.Fail(err)
//			return
//		}
//		a.OnStop(server.Close)
//		broker, err := server.Broker(a.Context())
//		if err != nil {
//			a.Fail(err)
//			return
//		}
//		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
//		routing.Routes(a, func(r *routing.Route) {
//			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
//		})
//	}
//
// With a directory the events outlive the process: a client that was connected
// before a restart goes on where it was. One process at a time may use a
// directory.
//
// With Config.Listen other processes connect too, by [Server.URL]; when this one
// ends, they wait for it. For an application that shall survive the loss of any
// of its nodes, run a cluster of three servers, and connect to it by URL.
// Config.Options can make one of embedded servers.
package embedded
