// Cors is Ktor's sample of that name: a page of one origin, which is port 8081,
// that uses an application at another one, port 8080. Here both are modules of
// one application.
package main

import (
	"embed"
	"io/fs"
	"log"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

//go:embed files
var files embed.FS

// Customer is what the page saves.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// customers are those that were saved.
type customers struct {
	mu    sync.Mutex
	saved []Customer
}

func (s *customers) add(c Customer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved = append(s.saved, c)
}

// Backend stores customers, and lets pages of the frontend do so.
func Backend(a *app.Application) {
	a.Install(cors.Plugin.With(func(c *cors.Config) {
		c.AllowHost("localhost:8081")
		c.AllowHeader("Content-Type")
	}))
	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
	storage := &customers{}

	routing.Routes(a, func(r *routing.Route) {
		r.Port(8080).Post("/customer", func(c *app.Call) error {
			customer, err := app.Receive[Customer](c)
			if err != nil {
				return err
			}
			storage.add(customer)
			c.SetStatus(http.StatusCreated)
			return c.RespondText("Customer stored correctly")
		})
	})
}

// Frontend serves the page and its script.
func Frontend(a *app.Application) {
	static, err := fs.Sub(files, "files")
	if err != nil {
		a.Fail(err)
		return
	}
	routing.Routes(a, func(r *routing.Route) {
		r.Port(8081).Route("", func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondFile(static, "index.html") })
			r.Get("/static/script.js", func(c *app.Call) error { return c.RespondFile(static, "script.js") })
		})
	})
}

// Module is the application.
func Module(a *app.Application) {
	Backend(a)
	Frontend(a)
}

func main() {
	server := engine.EmbeddedServer(Module,
		engine.Connector("0.0.0.0", 8080),
		engine.Connector("0.0.0.0", 8081))
	if err := server.Run(); err != nil {
		log.Fatal(err)
	}
}
