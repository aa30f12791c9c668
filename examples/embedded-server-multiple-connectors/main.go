// Embedded-server-multiple-connectors is Ktor's sample of that name: one
// application on two ports, which answers differently on each.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application. The port is that of the connection; a client can
// write another one into its Host header.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.LocalPort(8080).Get("/", func(c *app.Call) error { return c.RespondText("Connected to public API") })
		r.LocalPort(9090).Get("/", func(c *app.Call) error { return c.RespondText("Connected to private API") })
	})
}

func main() {
	server := engine.EmbeddedServer(Module,
		engine.Connector("0.0.0.0", 8080),
		engine.Connector("127.0.0.1", 9090))
	if err := server.Run(); err != nil {
		log.Fatal(err)
	}
}
