// Server-websockets-sharedflow is Ktor's sample of that name: what one client says
// all clients hear, by a hub, which is what a SharedFlow is there.
//
//	go run ./examples/server-websockets-sharedflow
package main

import (
	"log"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(websockets.Plugin.With(func(c *websockets.Config) {
		c.PingPeriod = 15 * time.Second
		c.Timeout = 15 * time.Second
	}))
	hub := sse.NewHub(a)
	routing.Routes(a, func(r *routing.Route) {
		websockets.Handle(r, "/ws", func(s *websockets.Session) error {
			if err := s.SendText("You are connected to WebSocket!"); err != nil {
				return err
			}
			if err := hub.Join(s, "messages"); err != nil { // does not block
				return err
			}
			for {
				message, err := s.Receive()
				if err != nil {
					return err
				}
				if message.Kind != websockets.Text {
					continue
				}
				if err := hub.Publish(s.Context(), "messages", sse.Event{Data: message.Text()}); err != nil {
					return err
				}
			}
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
