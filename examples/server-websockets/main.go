// Server-websockets is Ktor's sample of that name: a WebSocket that asks for a name,
// greets whoever gives one, and says goodbye.
//
//	go run ./examples/server-websockets
//
// In the console of a browser at http://localhost:8080:
//
//	socket = new WebSocket("/echo")
//	socket.onmessage = (event) => console.log(event.data)
//	socket.onclose = (event) => console.log(event.code, event.reason)
//	socket.send("JetBrains")
//	socket.send("bye")
package main

import (
	"log"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(websockets.Plugin.With(func(c *websockets.Config) {
		c.PingPeriod = 15 * time.Second
		c.Timeout = 15 * time.Second
		c.MaxMessageSize = 64 << 10 // Ktor's sample sets no limit
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })

		websockets.Handle(r, "/echo", func(s *websockets.Session) error {
			if err := s.SendText("Please enter your name"); err != nil {
				return err
			}
			for {
				message, err := s.Receive()
				if err != nil {
					return err
				}
				switch name := message.Text(); {
				case message.Kind != websockets.Text:
				case strings.EqualFold(name, "bye"):
					return websockets.CloseReason{Code: websockets.CloseNormal, Message: "Client said BYE"}
				default:
					if err := s.SendText("Hi, " + name + "!"); err != nil {
						return err
					}
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
