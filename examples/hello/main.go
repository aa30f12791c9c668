// Hello is the program in the README: a page of text and a stream of events.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(sse.Plugin)

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })

		r.SSE("/events", func(s *sse.Session) error {
			for i := range 6 {
				if err := s.Send(sse.Event{Data: fmt.Sprintf("this is SSE #%d", i)}); err != nil {
					return err
				}
				// Ends early with the call or the application.
				if err := s.Delay(time.Second); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
