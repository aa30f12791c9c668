// Embedded-server is Ktor's sample of that name: a server with a port alone, and
// one that is configured. Ktor's third, whose configuration comes from the
// command line, needs what EngineMain does.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

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

// configured is what the configured server has besides its connector. Ktor's
// numbers of threads have no counterpart: each call has a goroutine.
func configured() []engine.Option {
	return []engine.Option{
		engine.ShutdownGrace(2 * time.Second),
		engine.ShutdownTimeout(3 * time.Second),
		engine.HTTPServer(func(s *http.Server) { s.IdleTimeout = time.Minute }),
	}
}

func main() {
	options := []engine.Option{engine.Port(8080)}
	if len(os.Args) > 1 && os.Args[1] == "configured" {
		options = append(configured(), engine.Connector("127.0.0.1", 8080))
	} else {
		fmt.Println("Running basic server...\nProvide the 'configured' argument to run a configured server.")
	}
	if err := engine.EmbeddedServer(Module, options...).Run(); err != nil {
		log.Fatal(err)
	}
}
