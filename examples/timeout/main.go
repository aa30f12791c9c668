// Timeout is Ktor's sample of that name: a route that takes its time, and one
// that asks it and waits for a second at most. Ktor's client has a plugin for
// that; here the request has a context that ends.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module returns the application, whose proxy asks a server, itself for
// instance, with a client.
func Module(client *http.Client, server string) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/timeout", func(c *app.Call) error {
				delay, err := app.QueryParam[int](c, "delay")
				if err != nil {
					return err
				}
				select {
				case <-time.After(time.Duration(delay) * time.Millisecond):
					return c.RespondText("It's OK!")
				case <-c.Context().Done():
					return c.Context().Err()
				}
			})

			r.Get("/proxy", func(c *app.Call) error {
				ctx, cancel := context.WithTimeout(c.Context(), time.Second)
				defer cancel()
				text, err := ask(ctx, client, server+"/timeout?delay="+url.QueryEscape(c.QueryParam("delay")))
				if errors.Is(err, context.DeadlineExceeded) {
					return app.NewError(http.StatusGatewayTimeout, "the request has timed out after a second")
				}
				if err != nil {
					return &app.Error{Status: http.StatusBadGateway, Message: "the request has failed", Err: err}
				}
				return c.RespondText(text)
			})
		})
	}
}

// ask returns the text at an address.
func ask(ctx context.Context, client *http.Client, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", errors.New(response.Status)
	}
	return string(text), nil
}

func main() {
	module := Module(http.DefaultClient, "http://localhost:8080")
	if err := engine.EmbeddedServer(module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
