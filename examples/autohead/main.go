// Autohead is Ktor's sample of that name: the route serves HEAD, although it is
// declared for GET only.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(autoheadresponse.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/home", func(c *app.Call) error {
			return c.RespondText("This is a response to a GET, but HEAD also works")
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
