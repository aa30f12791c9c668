// Htmx-integration is Ktor's sample of that name: a page with htmx, and one path
// that answers differently to it, by the element that is to change and by the one
// that has asked. It shows two things more: an event of the response's head, on
// which a part of the page loads itself, and an event stream, which the SSE extension
// of htmx swaps into all windows.
//
//	go run ./examples/htmx-integration
//
// Open http://localhost:8080 in two windows. htmx comes from the server itself, so
// that the page works without a network and its policy allows nothing else.
package main

import (
	"cmp"
	"embed"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/htmx"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page
var files embed.FS

// policy lets the page load what this server has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Module is the application.
func Module(a *app.Application) {
	a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
		c.Header("Content-Security-Policy", policy)
	}))
	a.Install(sse.Plugin.With(func(c *sse.Config) { c.Heartbeat() }))
	hub := sse.NewHub(a)
	var loads atomic.Int64

	// loaded answers with data, tells the page by an event that it has, and all
	// windows by another one.
	loaded := func(text string) app.Handler {
		return func(c *app.Call) error {
			if err := htmx.Response(c).Trigger("loaded", nil); err != nil {
				return err
			}
			if err := hub.Publish(c.Context(), "loads", count(loads.Add(1))); err != nil {
				return err
			}
			return c.RespondText(text)
		}
	}

	routing.Routes(a, func(r *routing.Route) {
		static.Resources(r, "/page", files, func(c *static.Config) { c.Base = "page" })
		r.Get("/", func(c *app.Call) error { return c.RespondFile(files, "page/index.html") })

		r.Route("/data", func(r *routing.Route) {
			// Regular request
			r.Get("", func(c *app.Call) error { return c.RespondText("Please use HTMX to load this data") })

			// Any HTMX request
			hx := htmx.Hx(r)
			hx.Get("", loaded("<p>Data loaded via HTMX!</p>"))

			// HTMX request with specific target
			hx.Target("#result").Get("", loaded("<p>Data specifically for #result element</p>"))

			// HTMX request with specific trigger
			hx.Trigger("#load-button").Get("", loaded("<p>Data loaded by #load-button</p>"))
		})

		htmx.Hx(r).Get("/status", func(c *app.Call) error {
			return c.RespondText(fmt.Sprintf("The server has answered %d of such requests.", loads.Load()))
		})
		r.SSE("/events", func(s *sse.Session) error {
			if s.LastEventID() == "" {
				if err := s.Send(count(loads.Load())); err != nil {
					return err
				}
			}
			return hub.Join(s, "loads")
		})
	})
}

// count is the event for sse-swap="loads".
func count(loads int64) sse.Event {
	return sse.Event{Event: "loads", Data: strconv.FormatInt(loads, 10)}
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
