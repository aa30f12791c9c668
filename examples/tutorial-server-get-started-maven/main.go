// Tutorial-server-get-started-maven is Ktor's sample of that name, without
// Maven: a server that starts from its configuration, on the port that the
// environment variable PORT names, or 8080.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// ConfigureRouting is the application.
func ConfigureRouting(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, World!") })
	})
}

// modules are those that the configuration may name.
func modules() engine.Modules {
	return engine.Modules{"com.example.RoutingKt.configureRouting": ConfigureRouting}
}

func main() {
	engine.Main(modules(), engine.Resources(resources))
}
