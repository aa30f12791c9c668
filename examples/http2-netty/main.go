// Http2-netty is Ktor's sample of that name: it says over which version of HTTP
// it was asked. There is nothing to configure: a connector with TLS speaks HTTP/2
// with whoever does. Its certificate is made when the program starts, so a client
// has to be told to trust it: curl -k.
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
		r.Get("/", func(c *app.Call) error {
			return c.RespondText("HTTP version is " + c.Request.Proto)
		})
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
