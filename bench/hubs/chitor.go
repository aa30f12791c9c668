package hubs

import (
	"context"
	"log/slog"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// startChitor serves a hub as it is without any configuration, or one whose
// streams are held.
func startChitor(ctx context.Context, options Options, held bool) (*Hub, error) {
	var h *sse.Hub
	var sessions *sse.Sessions
	module := func(a *app.Application) {
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			if held {
				Hold(c)
			}
		}))
		h = sse.NewHub(a)
		sessions, _ = sse.SessionsOf(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				if options.Heartbeat > 0 {
					s.Heartbeat(func(c *sse.HeartbeatConfig) { c.Period = options.Heartbeat })
				}
				return h.Join(s, topic)
			})
		})
	}
	connector := []engine.Option{engine.Host("127.0.0.1"), engine.Port(0)}
	if options.Secure {
		config, err := security()
		if err != nil {
			return nil, err
		}
		connector = []engine.Option{engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(config))}
	}
	server := engine.EmbeddedServer(module, append(connector, engine.Logger(slog.New(slog.DiscardHandler)))...)
	if err := server.Start(ctx); err != nil {
		return nil, err
	}
	return &Hub{
		Address: server.Addrs()[0].String(),
		Publish: func(_ int, data string) error { return h.Publish(ctx, topic, sse.Event{Data: data}) },
		Open:    func() int { return sessions.Stats().Open },
		Stop:    func() error { return server.Stop(ctx) },
	}, nil
}
