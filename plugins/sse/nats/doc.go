// Package nats is a broker for the hubs of plugins/sse on NATS JetStream: what
// one node of an application publishes reaches the clients of all nodes.
//
//	func Module(a *app.Application) {
//		a.Install(sse.Plugin)
//		servers := "nats://10.0.0.1,nats://10.0.0.2,nats://10.0.0.3"
//		broker, err := nats.Connect(a.Context(), servers, func(c *nats.Config) { c.Replicas = 3 })
//		if err != nil {
//			a.Fail(err)
//			return
//		}
//		a.OnStop(broker.Close)
//		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
//		routing.Routes(a, func(r *routing.Route) {
//			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
//		})
//	}
//
// [Connect] takes the addresses of servers with JetStream, version 2.10 or
// later. [New] takes a connection that the application has already. Package
// embedded is a server in the process itself, for one node that wants its events
// to outlive a restart, and for tests; it is a package of its own since the
// server is larger than most programs, and whoever connects by URL links none of
// it. Both are a module of their own, so that only those who want NATS depend on
// it.
//
// # What is in the server
//
// A hub has one stream, which the first node makes; see [Config] for its name
// and limits. A message is in it once and has one place in its order. Each node
// reads the stream once, whatever the number of its clients, by a consumer that
// is in memory and goes when the node does.
//
// The subject of a message is the name of the stream, its epoch, and the topic,
// of which all but letters, digits, hyphens and underscores are escaped as in
// URLs: "sse.dn81735cexvl.room%201". A topic whose escaped form is longer than
// 512 bytes stands in a header, and its digest in the subject. The ID of an
// event is the epoch and the message's sequence in the stream.
//
// Whoever may publish to these subjects sends events to the clients. NATS gives
// each application an account of its own for that.
//
// # What happens when something fails
//
// A server, or the connection to it, may be lost: Publish and the hub's reader
// go on when another one is there, with what comes next, and nothing twice.
// Publish gives up after 15 seconds, and then the message may be in the stream
// or not. In a cluster another leader is chosen, which takes up to 9 seconds.
//
// A message that was acknowledged is as safe as the server makes it. A stream in
// files survives the end of the server's process, however it ends; if its
// machine loses power, up to two minutes may be lost unless sync_interval is
// "always". A stream with three replicas survives the loss of one of them.
//
// What the stream no longer has is told, by [sse.ErrGap]: messages that its
// limits have taken, that somebody has purged or deleted, and all of it if the
// stream was deleted or lost with the server's memory. If it has lost messages
// at its end that a node knows of, the node has it begin a new epoch, with which
// all positions of the old one are gaps.
package nats
