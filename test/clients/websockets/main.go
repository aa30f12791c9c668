package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// A setting is what the command line says.
type setting struct {
	deflate string        // "none", "message" or "context"
	limit   int           // of a message
	ping    time.Duration // between pings
}

// Module returns the application.
func Module(chosen setting) app.Module {
	return func(a *app.Application) {
		a.Install(websockets.Plugin.With(func(c *websockets.Config) {
			c.MaxMessageSize = chosen.limit
			c.PingPeriod = chosen.ping
			if chosen.deflate != "none" {
				c.Deflate(func(d *websockets.DeflateConfig) { d.ContextTakeover = chosen.deflate == "context" })
			}
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", page)
			websockets.Handle(r, "/echo", echo)
			websockets.Handle(r, "/parts", echoParts)
			websockets.Handle(r, "/close", closeAsAsked)
			websockets.Handle(r, "/talk", func(s *websockets.Session) error {
				if err := s.SendText(s.Subprotocol()); err != nil {
					return err
				}
				return echo(s)
			}, websockets.Subprotocols("v2.talk", "v1.talk"))
			r.Get("/stats", stats)
		})
	}
}

// page is where a browser begins; its tests bring their own scripts.
func page(c *app.Call) error {
	c.Header().Set("Content-Type", "text/html; charset=utf-8")
	return c.RespondText("<!doctype html><title>WebSockets</title>\n")
}

// stats responds with what the server knows of its WebSockets.
func stats(c *app.Call) error {
	sessions, _ := websockets.SessionsOf(c.Scope())
	text, err := json.Marshal(sessions.Stats())
	if err != nil {
		return err
	}
	c.Header().Set("Content-Type", "application/json")
	return c.RespondBytes(text)
}

func main() {
	var chosen setting
	flag.StringVar(&chosen.deflate, "deflate", "none", "what is compressed: none, message for each by itself, or context")
	flag.IntVar(&chosen.limit, "limit", 1<<20, "how many bytes a message may have")
	flag.DurationVar(&chosen.ping, "ping", 30*time.Second, "how often a client is pinged")
	flag.Parse()
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	module := func(a *app.Application) {
		if err != nil {
			a.Fail(fmt.Errorf("PORT: %w", err))
		}
		Module(chosen)(a)
	}
	server := engine.EmbeddedServer(module, engine.Connector("127.0.0.1", port))
	if err := server.Run(); err != nil {
		server.Application().Logger().Error("the server has failed", slog.Any("error", err))
		os.Exit(1) //nolint:forbidigo // a main function ends its program
	}
}
