// Server-sse is Ktor's sample of that name: four event streams, and a page that
// shows them arriving.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

//go:embed index.html
var page string

// Customer is the first value that /json sends.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Product is the second value that /json sends.
type Product struct {
	ID     int   `json:"id"`
	Prices []int `json:"prices"`
}

// Module is the application.
func Module(a *app.Application) {
	a.Install(sse.Plugin)
	a.Install(compression.Plugin.With(func(c *compression.Config) {
		c.MatchContentType("text/*") // event streams are left alone in any case
		c.MinimumSize(200)
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/html; charset=utf-8")
			return c.RespondText(page)
		})

		r.SSE("/events", func(s *sse.Session) error {
			for i := range 6 {
				if err := s.Send(sse.Event{Data: fmt.Sprintf("this is SSE #%d", i)}); err != nil {
					return err
				}
				if err := s.Delay(time.Second); err != nil {
					return err
				}
			}
			return nil
		})

		// With serialization.
		r.SSE("/json", func(s *sse.Session) error {
			if err := s.SendValue(Customer{0, "Jet", "Brains"}); err != nil {
				return err
			}
			return s.SendValue(Product{0, []int{100, 200}})
		}, sse.Serialize(sse.JSON))

		// With a heartbeat.
		r.SSE("/heartbeat", func(s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.Period = 10 * time.Millisecond
				h.Event = sse.Event{Data: "heartbeat"}
			})
			return sayHello(s)
		})

		// With a heartbeat that makes a new event for each beat.
		r.SSE("/heartbeat-custom", func(s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.Period = 30 * time.Millisecond
				h.EventProvider = func(context.Context) (sse.Event, error) {
					return sse.Event{Data: "ts=" + time.Now().Format(time.RFC3339Nano)}, nil
				}
			})
			return sayHello(s)
		})
	})
}

func sayHello(s *sse.Session) error {
	for range 4 {
		if err := s.SendText("Hello"); err != nil {
			return err
		}
		if err := s.Delay(10 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	if err := engine.EmbeddedServer(Module, engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
