// Embedded-server is Ktor's sample of that name: a server with a port alone, one
// that is configured in code, and one that is configured by the command line.
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

// options returns what the server has for the arguments of the command line.
func options(args []string) []engine.Option {
	if len(args) == 0 {
		return []engine.Option{engine.Port(8080)}
	}
	switch args[0] {
	case "basic":
		return []engine.Option{engine.Port(8080)}
	case "configured":
		return append(configured(), engine.Connector("127.0.0.1", 8080))
	default: // for example -port=8081 -P:ktor.deployment.shutdownGracePeriod=2000
		return []engine.Option{engine.CommandLine(args)}
	}
}

func main() {
	args := os.Args[1:]
	if len(args) == 0 {
		fmt.Println("Running basic server...\nProvide the 'configured' argument to run a configured server.")
	}
	if err := engine.EmbeddedServer(Module, options(args)...).Run(); err != nil {
		log.Fatal(err)
	}
}
