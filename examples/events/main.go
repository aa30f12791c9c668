// Events is Ktor's sample of that name: what happens to an application, and an
// event of its own that a plugin raises.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/events/plugins"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application. A subscription is its application's own and ends
// with it.
func Module(a *app.Application) {
	a.Install(plugins.ApplicationMonitoring)
	app.Started.Subscribe(a, func(a *app.Application) { a.Logger().Info("The module knows that, too") })
	plugins.NotFoundEvent.Subscribe(a, func(c *app.Call) {
		a.Logger().Info("No page was found", "uri", c.Request.RequestURI)
	})

	// Ktor's sample has it in its configuration file: shutdown.url.
	a.Install(shutdownurl.EnginePlugin.With(func(c *shutdownurl.Config) { c.URL = "/shutdown" }))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Host("127.0.0.1"), engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
