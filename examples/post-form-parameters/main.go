// Post-form-parameters is Ktor's sample of that name: a form that a browser
// sends, and the parameters in it.
package main

import (
	_ "embed" // for the form
	"fmt"
	"html/template"
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed form.html
var form string

// Module is the application.
func Module(a *app.Application) {
	page, err := template.New("form").Parse(form)
	if err != nil {
		a.Fail(err)
		return
	}
	routing.Routes(a, func(r *routing.Route) {
		r.Post("/signup", func(c *app.Call) error {
			parameters, err := c.ReceiveForm()
			if err != nil {
				return err
			}
			return c.RespondText(fmt.Sprintf("The '%s' account is created", parameters.Get("username")))
		})

		r.Get("/", func(c *app.Call) error { return c.RespondHTML(page, nil) })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
