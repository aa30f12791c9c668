// Tutorial-server-routing-and-requests is Ktor's sample of that name: tasks that
// are found by name and by priority, and added by a form.
package main

import (
	"embed"
	"html/template"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/tutorial-server-routing-and-requests/model"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.yaml table.html task-ui
var files embed.FS

// Module is the application.
func Module(a *app.Application) {
	table, err := template.ParseFS(files, "table.html")
	if err != nil {
		a.Fail(err)
		return
	}
	tasks := model.NewRepository()

	routing.Routes(a, func(r *routing.Route) {
		static.Resources(r, "/task-ui", files, func(c *static.Config) { c.Base = "task-ui" })

		r.Route("/tasks", func(r *routing.Route) {
			r.Get("", func(c *app.Call) error { return c.RespondHTML(table, tasks.All()) })

			r.Get("/byName/{taskName}", func(c *app.Call) error {
				task, found := tasks.ByName(c.PathParam("taskName"))
				if !found {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.RespondHTML(table, []model.Task{task})
			})

			// Without a priority, and with one that there is not, it is 400.
			r.Get("/byPriority/{priority?}", func(c *app.Call) error {
				priority, err := app.PathParam[model.Priority](c, "priority")
				if err != nil {
					return err
				}
				found := tasks.ByPriority(priority)
				if found == nil {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.RespondHTML(table, found)
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
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.RoutingKt.configureRouting": Module}, engine.Resources(files))
}
