// Server-http-request-lifecycle is Ktor's sample of that name: work that ends
// when the client has gone. In Ktor the plugin is installed for that; here the
// context of a call ends with its client anyway, unless CancelCallOnClose is
// false.
package main

import (
	"embed"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/httprequestlifecycle"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(httprequestlifecycle.Plugin.With(func(c *httprequestlifecycle.Config) {
		c.CancelCallOnClose = true
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/long-process", func(c *app.Call) error {
			defer a.Logger().Info("Cleaning up resources.")
			work := time.NewTicker(10 * time.Second)
			defer work.Stop()
			for {
				select {
				case <-work.C:
					a.Logger().Info("Very important work.")
				case <-c.Context().Done():
					return c.Context().Err()
				}
			}
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
