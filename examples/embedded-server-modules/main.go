// Embedded-server-modules is Ktor's sample of that name: an application of two
// modules.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application: a module that calls two others.
func Module(a *app.Application) {
	Module1(a)
	Module2(a)
}

// Module1 serves /module1.
func Module1(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/module1", func(c *app.Call) error { return c.RespondText("Hello from 'module1'!") })
	})
}

// Module2 serves /module2.
func Module2(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/module2", func(c *app.Call) error { return c.RespondText("Hello from 'module2'!") })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
