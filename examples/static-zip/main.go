// Static-zip is Ktor's sample of that name: the files of a zip archive. It is run
// in its own folder, where the archive is.
package main

import (
	"log"
	"path"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		static.Zip(r, "/", "files/text-files.zip", func(c *static.Config) {
			c.Default = "file.txt"
			c.Modify = func(c *app.Call, f static.File) error {
				c.Header().Set("ETag", `"`+path.Base(f.Name)+`"`)
				return nil
			}
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
