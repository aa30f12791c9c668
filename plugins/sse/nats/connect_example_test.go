package nats_test

import (
	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/routing"
)

// A node of an application with a cluster of three servers, of which one may be
// lost.
func ExampleConnect() { //nolint:testableexamples // there is no such cluster to run it on
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		broker, err := nats.Connect(a.Context(), "nats://10.0.0.1,nats://10.0.0.2,nats://10.0.0.3",
			func(c *nats.Config) { c.Replicas = 3 })
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(broker.Close)
		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
		})
	}
	_ = app.New(module)
}
