// Custom-plugin is Ktor's sample of that name: plugins made from hooks, one of
// them with a configuration, in code or in a file.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/custom-plugin/plugins"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(plugins.Simple)
	a.Install(plugins.RequestLogging)
	a.Install(plugins.DataTransformationBenchmark)
	a.Install(plugins.DataTransformation)
	a.Install(plugins.CustomHeader.With(func(c *plugins.HeaderConfig) {
		c.Name = "X-Custom-Header"
		c.Value = "Hello, world!"
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Root page") })
		r.Get("/index", func(c *app.Call) error { return c.RespondText("Index page") })
		r.Post("/transform-data", func(c *app.Call) error {
			data, err := app.Receive[int](c)
			if err != nil {
				return err
			}
			return c.Respond(data)
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
