// Ssl-embedded-server is Ktor's sample of that name: one connector without TLS
// and one with it, whose certificate is made when the program starts. It is
// nobody's certificate, so a client has to be told to trust it: curl -k.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	server := engine.EmbeddedServer(Module,
		engine.Port(8080),
		engine.TLSConnector("0.0.0.0", 8443, engine.GeneratedCertificate()))
	if err := server.Run(); err != nil {
		log.Fatal(err)
	}
}
