// Dashboard shows what its own process does, as charts that move: its event
// streams, its hub, memory, goroutines and more. Its page can also make a load,
// so that there is something to see.
//
//	go run ./examples/dashboard
//
// Once a second the figures are taken and published to a hub, one topic for
// each group of them. A page joins for the newest of each, so that one that is
// slow skips figures and holds nobody up, and begins with those of the last
// minutes. The same in a terminal:
//
//	curl -N localhost:8080/events
package main

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

const (
	period = time.Second     // between one taking of the figures and the next
	past   = 5 * time.Minute // how far back a page that opens can look
)

// policy lets the page have what it comes with, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page
var files embed.FS

// Module returns the application. The load that a page asks for comes back to
// the application by client.
func Module(client *http.Client) app.Module {
	return func(a *app.Application) {
		page, err := fs.Sub(files, "page")
		if err != nil {
			a.Fail(err)
		}
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("Content-Security-Policy", policy)
			c.Header("X-Content-Type-Options", "nosniff")
		}))
		a.Install(Requests)
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			c.MaxSessions = 2 * maxStreams
			c.StopRetry = time.Second // a page is back soon after a restart
		}))
		hub := sse.NewHub(a)
		history := newHistory(int(past / period))

		routing.Routes(a, func(r *routing.Route) {
			r.Get("/{file...}", func(c *app.Call) error {
				c.Header().Set("Cache-Control", "no-cache")
				return c.RespondFile(page, cmp.Or(c.PathParam("file"), "index.html"))
			})
			r.SSE("/events", func(s *sse.Session) error {
				// What is published from here on follows when the function has
				// returned. The history is as of later, so nothing is between
				// the two, and a page leaves out what is in both.
				if err := hub.Newest().Join(s, "streams", "hub", "process"); err != nil {
					return err
				}
				return history.send(s)
			})
			newLoad(a, hub, client).routes(r)
		})

		a.OnStart(func(context.Context) error {
			a.Go(newMeter(a, hub, history).run)
			return nil
		})
	}
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	client := &http.Client{Transport: &http.Transport{}} // no proxy between the process and itself
	if err := engine.EmbeddedServer(Module(client), engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
