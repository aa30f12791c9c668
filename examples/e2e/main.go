// E2e is Ktor's sample of that name: its tests start a real server, in the
// process of the test and in one of its own, and ask it over the network. Most
// tests need neither: package apptest starts the same server without a network.
package main

import (
	"log"
	"os"
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

// run serves on the port that the variable PORT names, 8080 without it. 0 is any.
func run() error {
	port, err := strconv.Atoi(os.Getenv("PORT"))
	if err != nil {
		port = 8080
	}
	return engine.EmbeddedServer(Module, engine.Host("127.0.0.1"), engine.Port(port)).Run()
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
