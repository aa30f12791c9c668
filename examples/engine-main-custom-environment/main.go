// Engine-main-custom-environment is Ktor's sample of that name: a property that
// comes from an environment variable, KTOR_ENV, if there is one.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	environment, _ := a.Config().Properties.Text("ktor.environment")
	routing.Routes(a, func(r *routing.Route) {
		r.Get("", func(c *app.Call) error {
			switch environment {
			case "dev":
				return c.RespondText("Development")
			case "prod":
				return c.RespondText("Production")
			default:
				return c.RespondText("...")
			}
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
