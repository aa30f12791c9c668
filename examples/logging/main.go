// Logging is Ktor's sample of that name: the application logs lines of its own,
// and the plugin one for each call below /api/v1.
package main

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Logger().Info("Hello from module!")

	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
		c.Level = slog.LevelInfo
		c.Filter(func(c *app.Call) bool { return strings.HasPrefix(c.Request.URL.Path, "/api/v1") })
		c.Format = func(c *app.Call) string {
			return fmt.Sprintf("Status: %d %s, HTTP method: %s, User agent: %s",
				c.Status(), http.StatusText(c.Status()), c.Request.Method, c.Request.UserAgent())
		}
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/api/v1", func(c *app.Call) error {
			c.Application().Logger().Info("Hello from /api/v1!")
			return c.RespondText("Hello, world!")
		})

		r.Get("/api/v2", func(c *app.Call) error { return c.RespondText("Bye!") })
	})
}

// handler is the logback.xml of Ktor's sample: everything from level trace on
// goes to the standard output. A handler that writes to an open file would be
// its logback-fileAppender.xml.
func handler() slog.Handler {
	return slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: levelTrace})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080), engine.Logger(slog.New(handler()))).Run(); err != nil {
		log.Fatal(err)
	}
}
