// Custom-plugin-base-api is Ktor's sample of that name: three plugins made from
// phases and steps alone.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/custom-plugin-base-api/plugins"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(plugins.CustomHeader.With(func(c *plugins.HeaderConfig) {
		c.Name = "X-Custom-Header"
		c.Value = "Hello, world!"
	}))
	a.Install(plugins.RequestLogging)
	a.Install(plugins.DataTransformation)

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
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
