// Shutdown-url is Ktor's sample of that name: a URL that ends the server.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application. The configuration has the URL in front of it as well,
// as in Ktor's sample.
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
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
