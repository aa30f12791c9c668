// Chat is a chat in a browser: rooms, names, who is there and who types, and
// the latest messages for who comes, or comes back. Two hubs carry it all.
//
//	go -C examples/chat run .
//
// Open http://localhost:8080 in two windows. The rooms are in the memory of this
// process. With a broker several processes share them, each behind a port of its
// own:
//
//	go -C examples/chat run . -broker embedded://127.0.0.1:4222
//	go -C examples/chat run . -broker nats://127.0.0.1:4222 -port 8081
//
// The first of the two has a NATS server in it, so that nothing needs to be
// installed. Others are named by -broker nats://... and -broker redis://...
//
// Nobody logs in: a name is what its bearer says it is.
package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"flag"
	"io/fs"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/redis/go-redis/v9/logging"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page
var files embed.FS

// policy lets the page load what this server has, and nothing else: no script
// that a message might bring along.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// Problem is the body of an error.
type Problem struct {
	Error string `json:"error"`
}

// Module returns the application, whose rooms are those of all processes that
// have the same logs.
func Module(logs Logs) app.Module {
	return func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit = 16 << 10 })
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("Content-Security-Policy", policy)
			c.Header("X-Content-Type-Options", "nosniff")
			c.Header("Referrer-Policy", "same-origin")
			c.Header("Cache-Control", "no-cache")
		}))
		a.Install(compression.Plugin) // event streams are left alone
		a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(call *app.Call, cause *app.Error) error {
				call.SetStatus(cause.StatusCode())
				return call.Respond(Problem{cmp.Or(cause.Message, http.StatusText(cause.StatusCode()))})
			})
			statuspages.Exception(c, func(call *app.Call, _ *http.MaxBytesError) error {
				call.SetStatus(http.StatusRequestEntityTooLarge)
				return call.Respond(Problem{"this is much too long"})
			})
		}))
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			c.LastEventIDQuery = true // for a page that has to open its EventSource anew
		}))

		page, err := fs.Sub(files, "page")
		if err != nil {
			a.Fail(err)
			return
		}
		chat := newChat(a, logs)
		routing.Routes(a, func(r *routing.Route) {
			// No page of another site speaks here.
			r.Use(app.ReturnsEarly(http.NewCrossOriginProtection().Handler))
			r.Get("/", func(c *app.Call) error { return c.RespondFile(page, "index.html") })
			r.Get("/{file}", func(c *app.Call) error { return c.RespondFile(page, c.PathParam("file")) })
			r.Get("/rooms", chat.list)
			r.Route("/rooms/{room}", func(r *routing.Route) {
				r.SSE("/events", chat.listen)
				r.Post("/messages", chat.say)
				r.Post("/typing", chat.typing)
			})
		})
	}
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	flag.IntVar(&port, "port", port, "where to listen, in place of the environment variable PORT")
	logging.Disable() // go-redis prints what the errors say as well
	broker := flag.String("broker", "", "share the rooms: embedded, embedded://host:port, nats://host:port or redis://host:port")
	flag.Parse()
	if err := run(port, *broker); err != nil {
		log.Fatal(err)
	}
}

func run(port int, broker string) error {
	ctx := context.Background()
	logs, closeLogs, err := open(ctx, broker)
	if err != nil {
		return err
	}
	return errors.Join(engine.EmbeddedServer(Module(logs), engine.Port(port)).Run(), closeLogs(ctx))
}
