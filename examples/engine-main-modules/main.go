// Engine-main-modules is Ktor's sample of that name: three modules, of two
// packages, that the configuration names in the order in which they run.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/engine-main-modules/sample"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module1 is the first module.
func Module1(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/module1", func(c *app.Call) error { return c.RespondText("Hello from 'module1'!") })
	})
}

// Module2 is the second one.
func Module2(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/module2", func(c *app.Call) error { return c.RespondText("Hello from 'module2'!") })
	})
}

// modules are those that the configuration may name.
func modules() engine.Modules {
	return engine.Modules{
		"com.example.ApplicationKt.module1": Module1,
		"com.example.ApplicationKt.module2": Module2,
		"org.sample.SampleKt.module3":       sample.Module3,
	}
}

func main() {
	engine.Main(modules(), engine.Resources(resources))
}
