// Tutorial-server-get-started is Ktor's sample of that name: texts, a page from a
// file, and a page for an error.
package main

import (
	"embed"
	"io/fs"
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

//go:embed mycontent
var files embed.FS

// IllegalStateError says that the application is in no state to do something.
type IllegalStateError string

func (e IllegalStateError) Error() string { return string(e) }

// Module is the application.
func Module(a *app.Application) {
	content, err := fs.Sub(files, "mycontent")
	if err != nil {
		a.Fail(err)
		return
	}
	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
		statuspages.Exception(c, func(call *app.Call, cause IllegalStateError) error {
			return call.RespondText("App in illegal state as " + cause.Error())
		})
	}))

	routing.Routes(a, func(r *routing.Route) {
		static.Resources(r, "/content", content)

		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, World!") })
		r.Get("/test1", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/html")
			return c.RespondText("<h1>Hello From Chitor</h1>")
		})
		r.Get("/error-test", func(*app.Call) error { return IllegalStateError("Too Busy") })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
