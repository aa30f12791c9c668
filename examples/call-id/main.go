// Call-id is Ktor's sample of that name: the id in a request's header goes into
// each log line of the call, and into the response.
//
//	curl -i -H "X-Request-Id: 13a3feb9-d83b-40ad-839a-d7d5cb147f54" http://localhost:8080/
package main

import (
	"log"
	"log/slog"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(callid.Plugin.With(func(c *callid.Config) {
		c.Header("X-Request-Id")
		c.Verify(func(id string) (bool, error) { return id != "", nil })
	}))

	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
		c.MDC("call-id", callid.Get)
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

// handler is the logback.xml of Ktor's sample. NewHandler is its %X{call-id}, for
// all lines of a call.
func handler() slog.Handler {
	return calllogging.NewHandler(slog.NewTextHandler(os.Stdout, nil))
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080), engine.Logger(slog.New(handler()))).Run(); err != nil {
		log.Fatal(err)
	}
}
