// Html-templates is Ktor's sample of that name: a layout with places that other
// templates fill, one of them with a list. Ktor makes templates from its HTML
// DSL; these are html/template's.
package main

import (
	"embed"
	"html/template"
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed templates
var files embed.FS

// Article is what the templates show. The first item stands out.
type Article struct {
	Title, Text string
	Items       []string
}

// Module is the application.
func Module(a *app.Application) {
	layout, err := template.ParseFS(files, "templates/layout.html", "templates/article.html", "templates/list.html")
	if err != nil {
		a.Fail(err)
		return
	}
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			return c.RespondHTML(layout, Article{
				Title: "Hello from Chitor!",
				Text:  "Go framework for creating connected systems.",
				Items: []string{"One", "Two"},
			})
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
