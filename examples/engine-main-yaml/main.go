// Engine-main-yaml is Ktor's sample of that name: a server that starts from its
// configuration, application.yaml, which is part of the program.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.yaml
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
