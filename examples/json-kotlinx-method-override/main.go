// Json-kotlinx-method-override is Ktor's sample of that name: a POST that a
// header makes a DELETE.
package main

import (
	"embed"
	"net/http"
	"slices"
	"sync"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/routing"
)

// Customer is what is stored.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// customers are those that are stored.
type customers struct {
	mu  sync.Mutex
	all []Customer
}

// get answers with the customer of a call, or 404.
func (s *customers) get(c *app.Call) error {
	id, err := app.PathParam[int](c, "id")
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, customer := range s.all {
		if customer.ID == id {
			return c.Respond(customer)
		}
	}
	return app.NewError(http.StatusNotFound, "no such customer")
}

// remove takes the customer of a call away.
func (s *customers) remove(c *app.Call) error {
	id, err := app.PathParam[int](c, "id")
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(customer Customer) bool { return customer.ID == id })
	c.SetStatus(http.StatusNoContent)
	return c.RespondText("Customer is removed")
}

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	storage := &customers{all: []Customer{{1, "Jane", "Smith"}, {2, "John", "Smith"}, {3, "Jet", "Brains"}}}
	a.Install(methodoverride.Plugin)
	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/customer/{id}", storage.get)
		r.Delete("/customer/{id}", storage.remove)
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
