// Css-dsl is Ktor's sample of that name: a page with a stylesheet that a route
// serves. Ktor builds it by a DSL; this one is CSS, as it stands in a file.
package main

import (
	_ "embed" // for the page and its stylesheet
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page.html
var page string

//go:embed styles.css
var styles string

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/html-dsl", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/html; charset=UTF-8")
			return c.RespondText(page)
		})
		r.Get("/styles.css", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/css; charset=UTF-8")
			return c.RespondText(styles)
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
