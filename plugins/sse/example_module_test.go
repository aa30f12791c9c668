package sse_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Module counts the seconds, for each client from 0.
func Module(a *app.Application) {
	a.Install(sse.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.SSE("/ticks", func(s *sse.Session) error {
			for i := 0; ; i++ {
				if err := s.Send(sse.Event{Event: "tick", Data: fmt.Sprint(i)}); err != nil {
					return err
				}
				if err := s.Delay(time.Second); err != nil {
					return err // the client has gone, or the application stops
				}
			}
		})
	})
}

// A server with one stream, and a client that leaves after the first event.
func Example() {
	ctx := context.Background()
	server := engine.EmbeddedServer(Module,
		engine.Host("127.0.0.1"), engine.Port(0), engine.Logger(slog.New(slog.DiscardHandler)))
	if err := server.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range eventsource.Get(ctx, "http://"+server.Addrs()[0].String()+"/ticks") {
		fmt.Println(event.Event, event.Data, err)
		break
	}
	fmt.Println(server.Stop(ctx))
	// Output:
	// tick 0 <nil>
	// <nil>
}
