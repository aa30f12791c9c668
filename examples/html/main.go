// Html is Ktor's sample of that name: a page, and a part of one, with values in
// them. Ktor builds both by its HTML DSL, which Chitor does not have: they are
// templates of html/template, which escapes what is put into them.
package main

import (
	"embed"
	"html/template"
	"log"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page.html fragment.html
var files embed.FS

// Module is the application.
func Module(a *app.Application) {
	templates, err := template.ParseFS(files, "*.html")
	if err != nil {
		a.Fail(err)
		return
	}
	page, fragment := templates.Lookup("page.html"), templates.Lookup("fragment.html")

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondHTML(page, "Chitor") })
		r.Get("/fragment", func(c *app.Call) error {
			c.SetStatus(http.StatusCreated)
			return c.RespondHTML(fragment, "Created!")
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
