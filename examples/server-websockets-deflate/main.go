// Server-websockets-deflate is what Ktor's page about the deflate extension shows:
// messages that are compressed with clients that offer it, as browsers do, if they
// have more than 4 KiB.
//
//	go run ./examples/server-websockets-deflate
//
// A client without the extension gets the same messages as they are.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(websockets.Plugin.With(func(c *websockets.Config) {
		c.Deflate(func(d *websockets.DeflateConfig) {
			d.CompressIfBiggerThan = 4 << 10
		})
	}))
	routing.Routes(a, func(r *routing.Route) {
		websockets.Handle(r, "/echo", func(s *websockets.Session) error {
			for {
				message, err := s.Receive()
				if err != nil {
					return err
				}
				if err := s.Send(message); err != nil {
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
