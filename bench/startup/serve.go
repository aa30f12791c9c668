package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// A variant is a program that answers GET /.
type variant struct {
	name  string
	serve func(host string, port int) error
}

var variants = []variant{
	{"net/http", func(host string, port int) error {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Hello, world!")) })
		server := &http.Server{Addr: net.JoinHostPort(host, strconv.Itoa(port)), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
		return server.ListenAndServe()
	}},
	{"Chitor, one route", func(host string, port int) error { return serveChitor(host, port, hello) }},
	{"Chitor, 100 routes and plugins", func(host string, port int) error { return serveChitor(host, port, large(100)) }},
	{"Chitor, 1,000 routes and plugins", func(host string, port int) error { return serveChitor(host, port, large(1000)) }},
}

func serveVariant(name, address string) error {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	for _, v := range variants {
		if v.name == name {
			return v.serve(host, port)
		}
	}
	return fmt.Errorf("there is no variant %q", name)
}

func serveChitor(host string, port int, module app.Module) error {
	return engine.EmbeddedServer(module, engine.Host(host), engine.Port(port), engine.Logger(slog.New(slog.DiscardHandler))).Run()
}

func hello(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

// large returns an application with some plugins, an event stream and routes
// with a parameter.
func large(routes int) app.Module {
	return func(a *app.Application) {
		a.Install(calllogging.Plugin)
		a.Install(statuspages.Plugin)
		a.Install(conditionalheaders.Plugin)
		a.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
		a.Install(compression.Plugin.With(func(c *compression.Config) { c.Gzip() }))
		a.Install(sse.Plugin)
		hello(a)
		routing.Routes(a, func(r *routing.Route) {
			for i := range routes {
				r.Get("/shelves/"+strconv.Itoa(i)+"/books/{id}", func(c *app.Call) error { return c.RespondText(c.PathParam("id")) })
			}
			r.SSE("/events", func(*sse.Session) error { return nil })
		})
	}
}
