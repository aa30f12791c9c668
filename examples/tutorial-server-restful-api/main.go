// Tutorial-server-restful-api is Ktor's sample of that name: tasks as JSON, found,
// added and removed, and a page that shows them.
package main

import (
	"embed"
	"log"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/tutorial-server-routing-and-requests/model"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed static
var files embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
	tasks := model.NewRepository()

	routing.Routes(a, func(r *routing.Route) {
		static.Resources(r, "/static", files, func(c *static.Config) { c.Base = "static" })

		r.Route("/tasks", func(r *routing.Route) {
			r.Get("", func(c *app.Call) error { return c.Respond(tasks.All()) })

			r.Get("/byName/{taskName}", func(c *app.Call) error {
				task, found := tasks.ByName(c.PathParam("taskName"))
				if !found {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.Respond(task)
			})

			r.Get("/byPriority/{priority}", func(c *app.Call) error {
				priority, err := app.PathParam[model.Priority](c, "priority")
				if err != nil {
					return err
				}
				found := tasks.ByPriority(priority)
				if found == nil {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.Respond(found)
			})

			r.Post("", func(c *app.Call) error {
				task, err := app.Receive[model.Task](c)
				if err != nil {
					return err
				}
				if task.Name == "" {
					return app.NewError(http.StatusBadRequest, "a task has a name")
				}
				if err := tasks.Add(task); err != nil {
					return app.NewError(http.StatusBadRequest, err.Error())
				}
				return c.RespondStatus(http.StatusCreated)
			})

			r.Delete("/{taskName}", func(c *app.Call) error {
				if !tasks.Remove(c.PathParam("taskName")) {
					return c.RespondStatus(http.StatusNotFound)
				}
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
