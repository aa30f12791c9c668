// Json-kotlinx is Ktor's sample of that name: customers as JSON, with the
// plugin ContentNegotiation. Its converter is encoding/json, which has no lenient
// mode.
//
//	go run ./examples/json-kotlinx
//	curl localhost:8080/customer/1
//	curl -i localhost:8080/customer -H 'Content-Type: application/json' \
//	  -d '{"id": 3, "firstName": "Jet", "lastName": "Brains"}'
package main

import (
	"log"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// Customer is the value that is sent and received.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// storage keeps customers. Its methods may be called concurrently.
type storage struct {
	mu        sync.RWMutex // guards customers
	customers []Customer
}

func (s *storage) find(id int) (Customer, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, customer := range s.customers {
		if customer.ID == id {
			return customer, nil
		}
	}
	return Customer{}, app.NewError(http.StatusNotFound, "there is no such customer")
}

func (s *storage) add(customer Customer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.customers = append(s.customers, customer)
}

// Module is the application.
func Module(a *app.Application) {
	customers := &storage{customers: []Customer{
		{1, "Jane", "Smith"},
		{2, "John", "Smith"},
	}}

	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
		c.JSON(func(j *contentnegotiation.JSONConfig) { j.Indent = "    " })
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/customer/{id}", func(c *app.Call) error {
			id, err := app.PathParam[int](c, "id")
			if err != nil {
				return err
			}
			customer, err := customers.find(id)
			if err != nil {
				return err
			}
			return c.Respond(customer)
		})

		r.Post("/customer", func(c *app.Call) error {
			customer, err := app.Receive[Customer](c)
			if err != nil {
				return err
			}
			customers.add(customer)
			c.SetStatus(http.StatusCreated)
			return c.RespondText("Customer stored correctly")
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
