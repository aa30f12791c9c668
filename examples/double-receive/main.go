// Double-receive is Ktor's sample of that name: CallLogging prints the body of
// each request, although the handler has received it already.
//
//	go run ./examples/double-receive
//	curl localhost:8080 -H 'Content-Type: text/plain' -d 'Hello, world!'
package main

import (
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

// levelTrace is Ktor's TRACE, for which log/slog has no name.
const levelTrace = slog.LevelDebug - 4

// Module is the application.
func Module(a *app.Application) {
	a.Install(doublereceive.Plugin)
	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
		c.Level = levelTrace
		c.Format = func(c *app.Call) string {
			body, err := c.ReceiveText()
			if err != nil {
				return fmt.Sprintf("Body: %v", err)
			}
			return "Body: " + body
		}
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText("Text '" + text + "' is received")
		})
	})
}

// handler is the logback.xml of Ktor's sample: everything from level trace on
// goes to the standard output.
func handler() slog.Handler {
	return slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: levelTrace})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080), engine.Logger(slog.New(handler()))).Run(); err != nil {
		log.Fatal(err)
	}
}
