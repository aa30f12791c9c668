// Compression is Ktor's sample of that name: scripts are compressed by gzip,
// texts by deflate.
//
//	go run ./examples/compression
//	curl -i --compressed localhost:8080
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(compression.Plugin.With(func(c *compression.Config) {
		c.Gzip(func(e *compression.EncoderConfig) {
			e.Priority = 0.9
			e.MatchContentType("application/javascript")
		})
		c.Deflate(func(e *compression.EncoderConfig) {
			e.Priority = 1.0
			e.MatchContentType("text/*")
		})
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
