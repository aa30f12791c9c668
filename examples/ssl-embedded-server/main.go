// Ssl-embedded-server is Ktor's sample of that name: one connector without TLS
// and one with it, whose certificate is made when the program starts. It is
// nobody's certificate, so a client has to be told to trust it: curl -k.
package main

import (
	"crypto/tls"
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
	certificate, err := selfSigned("localhost", "127.0.0.1", "0.0.0.0")
	if err != nil {
		log.Fatal(err)
	}
	server := engine.EmbeddedServer(Module,
		engine.Port(8080),
		engine.TLSConnector("0.0.0.0", 8443, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	if err := server.Run(); err != nil {
		log.Fatal(err)
	}
}
