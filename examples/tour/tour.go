// Tour shows the parts of Chitor that a reader meets first, each in a few lines:
// a module with plugins and routes, an embedded server, an application inside
// another server, a test, a plugin.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Customer is a value that is sent as an event.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Product is another one.
type Product struct {
	ID     int   `json:"id"`
	Prices []int `json:"prices"`
}

// legacyHandler is a handler from before Chitor.
//
//nolint:gochecknoglobals // never written
var legacyHandler http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "legacy %s", r.URL.Path)
}

// answer sends the words of an answer, one by one.
func answer(ctx context.Context, question string, send func(text string) error) error {
	for word := range strings.FieldsSeq("You asked: " + question) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := send(word); err != nil {
			return err
		}
	}
	return nil
}

// Module is Ktor's server-sse sample, and a little more.
func Module(a *app.Application) {
	a.Install(sse.Plugin)
	a.Install(compression.Plugin.With(func(c *compression.Config) {
		c.Gzip()
		c.Deflate(func(e *compression.EncoderConfig) { e.Priority = 10; e.MinimumSize(1024) })
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Use(middleware.RequestID) // any net/http middleware

		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })

		r.Route("/api", func(r *routing.Route) {
			r.Get("/users/{id}", func(c *app.Call) error { return c.RespondText(c.PathParam("id")) })
			r.Mount("/legacy", legacyHandler) // any http.Handler
		})

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

		r.SSE("/json", func(s *sse.Session) error {
			if err := s.SendValue(Customer{0, "Jet", "Brains"}); err != nil {
				return err
			}
			return s.SendValue(Product{0, []int{100, 200}})
		}, sse.Serialize(sse.JSON))

		r.SSE("/heartbeat", func(s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.Period = 10 * time.Millisecond
				h.Event = sse.Event{Data: "heartbeat"}
			})
			for range 4 {
				if err := s.SendText("Hello"); err != nil {
					return err
				}
				if err := s.Delay(10 * time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		})

		// A stream from any handler, after validation, with any method.
		r.Post("/answer", func(c *app.Call) error {
			question, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return sse.Respond(c, func(s *sse.Session) error { return answer(s.Context(), question, s.SendText) })
		})
	})
}

// An embedded server.
func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}

// Inside somebody else's server.
func mounted(ctx context.Context, mux *http.ServeMux) (*app.Application, error) {
	application := app.New(Module)
	if err := application.Start(ctx); err != nil {
		return nil, err
	}
	mux.Handle("/", application)
	return application, nil // the caller stops it: application.Stop(ctx)
}
