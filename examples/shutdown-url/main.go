// Shutdown-url is Ktor's sample of that name: a URL that ends the server.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application. Whoever reaches /shutdown ends it, so the server
// listens for this machine alone.
func Module(a *app.Application) {
	a.Install(shutdownurl.Plugin.With(func(c *shutdownurl.Config) {
		c.URL = "/shutdown"
		c.ExitCode = func(*app.Call) int { return 0 }
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Host("127.0.0.1"), engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
