// Static-resources is Ktor's sample of that name: files that are part of the
// program.
package main

import (
	"embed"
	"log"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed static
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		static.Resources(r, "/resources", resources, func(c *static.Config) { c.Base = "static" })
		static.Resources(r, "/custom", resources, func(c *static.Config) {
			c.Base = "static"
			c.Index = "custom_index.html"
		})
		static.Resources(r, "/", resources, func(c *static.Config) {
			c.Base = "static"
			c.Extensions = []string{"html", "htm"}
			c.PreCompressed = []static.Coding{static.Gzip}
			c.Exclude = func(name string) bool { return strings.Contains(name, "excluded") }
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
