package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// capabilities are all optional features that the tests know, but for
// event-type-listeners, which is for clients that have to be told the types of
// events.
const capabilities = `{"capabilities": ["bom", "comments", "headers", "last-event-id", "post", "read-timeout", "report", "restart",
	"server-directed-shutdown-request"]}`

// Module returns the application; stop is called when the tests are over.
func Module(stop func()) app.Module {
	return func(a *app.Application) {
		open := newStreams(a)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("Content-Type", "application/json")
				return c.RespondText(capabilities)
			})
			r.Delete("/", func(c *app.Call) error {
				stop()
				return c.RespondStatus(http.StatusNoContent)
			})
			r.Post("/", func(c *app.Call) error {
				var p parameters
				if err := receive(c, &p); err != nil {
					return err
				}
				id, err := open.add(p)
				if err != nil {
					return app.NewError(http.StatusBadRequest, err.Error())
				}
				c.Header().Set("Location", "/streams/"+id)
				return c.RespondStatus(http.StatusCreated)
			})
			r.Post("/streams/{id}", func(c *app.Call) error {
				var command struct {
					Command string `json:"command"`
				}
				if err := receive(c, &command); err != nil {
					return err
				}
				s, ok := open.find(c.PathParam("id"))
				switch {
				case !ok:
					return c.RespondStatus(http.StatusNotFound)
				case command.Command != "restart":
					return c.RespondStatus(http.StatusBadRequest)
				}
				s.end(errRestart)
				return c.RespondStatus(http.StatusNoContent)
			})
			r.Delete("/streams/{id}", func(c *app.Call) error {
				s, ok := open.remove(c.PathParam("id"))
				if !ok {
					return c.RespondStatus(http.StatusNotFound)
				}
				s.end(errClose)
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	}
}

// receive decodes a body.
func receive(c *app.Call, target any) error {
	body, err := c.ReceiveBytes()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, target); err != nil {
		return app.NewError(http.StatusBadRequest, "the body is not the JSON of the tests")
	}
	return nil
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	over := make(chan struct{}, 1)
	module := func(a *app.Application) {
		if err != nil {
			a.Fail(fmt.Errorf("PORT: %w", err))
		}
		Module(func() {
			select {
			case over <- struct{}{}:
			default:
			}
		})(a)
	}
	server := engine.EmbeddedServer(module, engine.Connector("127.0.0.1", port))
	if err := serve(server, over); err != nil {
		server.Application().Logger().Error("the service has failed", "error", err)
		os.Exit(1) //nolint:forbidigo // a main function ends its program
	}
}

// serve runs the server until the tests are over.
func serve(server *engine.Server, over <-chan struct{}) error {
	ctx := context.Background()
	if err := server.Start(ctx); err != nil {
		return err
	}
	<-over
	return server.Stop(ctx)
}
