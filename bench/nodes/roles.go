package main

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/crowd"
	"github.com/chitor-go/chitor/bench/hubs"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
	"github.com/chitor-go/chitor/routing"
)

const (
	topic      = "news"
	impatience = 200 * time.Millisecond // until clients say that not all has come
	patience   = 60 * time.Second       // the same, when nothing comes meanwhile
)

// startPublisher starts a NATS server, and a node that has no streams.
func startPublisher(ctx context.Context) (*doer, error) {
	var hub *sse.Hub
	var url string
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		server, err := embedded.Start(func(c *embedded.Config) { c.Listen = "127.0.0.1:0" })
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(server.Close)
		broker, err := server.Broker(a.Context())
		if err != nil {
			a.Fail(err)
			return
		}
		url = server.URL()
		hub = sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
	})
	if err := application.Start(ctx); err != nil {
		return nil, err
	}
	return &doer{
		address: url,
		obey: func(o order) (a answer, err error) {
			a.Began = time.Now()
			if o.Publish != "" {
				err = hub.Publish(ctx, topic, sse.Event{Data: o.Publish})
			}
			return a, err
		},
		stop: func() error { return application.Stop(ctx) },
	}, nil
}

// startNode starts a node whose streams listen to what comes from NATS.
func startNode(ctx context.Context, url string, held bool) (*doer, error) {
	var sessions *sse.Sessions
	server := engine.EmbeddedServer(func(a *app.Application) {
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			if held {
				hubs.Hold(c)
			}
		}))
		broker, err := nats.Connect(a.Context(), url, func(c *nats.Config) { c.Memory = true })
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(broker.Close)
		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
		sessions, _ = sse.SessionsOf(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return hub.Join(s, topic) })
		})
	}, engine.Host("127.0.0.1"), engine.Port(0), engine.Logger(slog.New(slog.DiscardHandler)))
	if err := server.Start(ctx); err != nil {
		return nil, err
	}
	return &doer{
		address: server.Addrs()[0].String(),
		obey:    func(order) (answer, error) { return answer{Open: sessions.Stats().Open}, nil },
		stop:    func() error { return server.Stop(ctx) },
	}, nil
}

// startClients starts the clients of a node.
func startClients(address string) (*doer, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	clients, err := crowd.New(false)
	if err != nil {
		return nil, err
	}
	return &doer{
		obey: func(o order) (answer, error) { return read(clients, to, o) },
		stop: func() error { clients.Close(); return nil },
	}, nil
}

// read does what clients are told.
func read(clients *crowd.Crowd, to netip.AddrPort, o order) (a answer, err error) {
	if o.Open > 0 {
		if err := clients.Open(to, o.Open); err != nil {
			return a, err
		}
	}
	if o.Count != 0 {
		clients.Count(o.Count)
	}
	quiet := impatience
	if o.Patient {
		quiet = patience
	}
	marks := o.Await * clients.Len()
	if err := clients.Await(marks-clients.Len()/2, quiet); err != nil {
		return a, err
	}
	a.Half = time.Now()
	if err := clients.Await(marks, quiet); err != nil {
		return a, err
	}
	a.Last, a.All = time.Now(), clients.All(o.Each)
	return a, nil
}
