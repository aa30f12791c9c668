// Tutorial-server-web-application is Ktor's sample of that name: pages about
// tasks, made by templates, with forms that find and add some. Its templates are
// html/template's, in the place of Thymeleaf's.
package main

import (
	"embed"
	"html/template"
	"log"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/tutorial-server-routing-and-requests/model"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed static templates
var files embed.FS

// Module is the application.
func Module(a *app.Application) {
	pages, err := template.ParseFS(files, "templates/*.html")
	if err != nil {
		a.Fail(err)
		return
	}
	tasks := model.NewRepository()

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, World!") })
		static.Resources(r, "/static", files, func(c *static.Config) { c.Base = "static" })

		r.Route("/tasks", func(r *routing.Route) {
			r.Get("", func(c *app.Call) error { return c.RespondHTML(pages.Lookup("all-tasks"), tasks.All()) })

			r.Get("/byName", func(c *app.Call) error {
				name, err := app.QueryParam[string](c, "name")
				if err != nil {
					return err
				}
				task, found := tasks.ByName(name)
				if !found {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.RespondHTML(pages.Lookup("single-task"), task)
			})

			r.Get("/byPriority", func(c *app.Call) error {
				priority, err := app.QueryParam[model.Priority](c, "priority")
				if err != nil {
					return err
				}
				found := tasks.ByPriority(priority)
				if found == nil {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.RespondHTML(pages.Lookup("tasks-by-priority"), found)
			})

			r.Post("", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				task, err := model.FromForm(form)
				if err != nil {
					return app.NewError(http.StatusBadRequest, err.Error())
				}
				if err := tasks.Add(task); err != nil {
					return app.NewError(http.StatusBadRequest, err.Error())
				}
				return c.RespondHTML(pages.Lookup("all-tasks"), tasks.All())
			})
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
