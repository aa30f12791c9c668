// Server-websockets-serialization is Ktor's sample of that name: values that are
// sent and received as JSON.
//
//	go run ./examples/server-websockets-serialization
package main

import (
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// Customer is what goes both ways.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Module is the application.
func Module(a *app.Application) {
	a.Install(websockets.Plugin.With(func(c *websockets.Config) { c.Converter = websockets.JSON() }))
	routing.Routes(a, func(r *routing.Route) {
		websockets.Handle(r, "/customer/1", func(s *websockets.Session) error {
			return s.SendValue(Customer{1, "Jane", "Smith"})
		})
		websockets.Handle(r, "/customer", func(s *websockets.Session) error {
			customer, err := websockets.Receive[Customer](s)
			if err != nil {
				return err // of what is no customer the client is told 1007
			}
			a.Logger().InfoContext(s.Context(), "a customer was received", "id", customer.ID)
			return nil
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
