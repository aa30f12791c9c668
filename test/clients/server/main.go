package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Module returns the application; libraries is a directory node_modules, or "".
func Module(libraries string) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		cuts := newClock()
		routing.Routes(a, func(r *routing.Route) {
			pages(r, libraries)
			events(r)
			reconnections(r, cuts)
			silence(r)
			slow(r)
			ticks(r)
			words(r, cuts)
			htmx(r)
			hypermedia(r)
			r.Get("/stats", func(c *app.Call) error { return stats(c, a) })
		})
	}
}

// stats responds with what the server knows of its streams.
func stats(c *app.Call, a *app.Application) error {
	sessions, _ := sse.SessionsOf(a)
	text, err := json.Marshal(sessions.Stats())
	if err != nil {
		return err
	}
	c.Header().Set("Content-Type", "application/json")
	return c.RespondBytes(text)
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	module := func(a *app.Application) {
		if err != nil {
			a.Fail(fmt.Errorf("PORT: %w", err))
		}
		Module(os.Getenv("LIBRARIES"))(a)
	}
	options := []engine.Option{engine.Connector(cmp.Or(os.Getenv("HOST"), "127.0.0.1"), port), engine.HTTP2Cleartext()}
	if os.Getenv("RESTART") != "" { // by SIGUSR2
		options = append(options, engine.Restart(), engine.ShutdownDelay(2*time.Second))
	}
	server := engine.EmbeddedServer(module, options...)
	if err := server.Run(); err != nil {
		server.Application().Logger().Error("the server has failed", "error", err)
		os.Exit(1) //nolint:forbidigo // a main function ends its program
	}
}
