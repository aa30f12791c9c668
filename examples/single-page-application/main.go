// Single-page-application is Ktor's sample of that name: one page for every path,
// and the files that belong to it. The page shows what its path says, and goes
// on by itself.
package main

import (
	"cmp"
	"embed"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed sample-web-app
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(calllogging.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		static.SinglePageApplication(r, func(c *static.SPAConfig) {
			c.Resources = resources
			c.FilesPath = "sample-web-app"
			c.DefaultPage = "main.html"
			c.Exclude = func(name string) bool { return strings.HasSuffix(name, ".txt") }
			// A browser asks whether it has the newest, and is told in a few bytes.
			c.CacheControl = func(static.File) string { return "no-cache" }
		})
	})
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	if err := engine.EmbeddedServer(Module, engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
