// Download-file is Ktor's sample of that name: files that a browser saves, in
// parts if it asks for them. It is run in its own folder, where the files are.
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application. RespondFile answers ranges and conditions by
// itself, where Ktor needs the plugin PartialContent.
func Module(a *app.Application) {
	a.Install(autoheadresponse.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/download", func(c *app.Call) error {
			c.Header().Set("Content-Disposition", app.Attachment("logo.png"))
			return c.RespondFile(nil, "files/logo.png")
		})
		r.Get("/downloadFromPath", func(c *app.Call) error {
			c.Header().Set("Content-Disposition", app.Attachment("file.txt"))
			return c.RespondFile(nil, "files/file.txt")
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
