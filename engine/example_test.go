package engine_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

// A program that handles signals itself, or starts several servers, calls the
// parts of Run.
func Example() {
	server := engine.EmbeddedServer(Module, engine.Host("127.0.0.1"), engine.Port(0),
		engine.Logger(slog.New(slog.DiscardHandler)))
	ctx := context.Background()
	if err := server.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	response, err := http.Get("http://" + server.Addrs()[0].String())
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	fmt.Println(string(body), err)

	fmt.Println(server.Stop(ctx))
	fmt.Println(server.Wait())
	// Output:
	// Hello, world! <nil>
	// <nil>
	// <nil>
}

// Mistakes are returned before anything listens, all of them, each with the
// line that made it.
func ExampleServer_Start() {
	server := engine.EmbeddedServer(func(a *app.Application) {
		a.Fail(fmt.Errorf("install Clock: no time zone"))
		a.Fail(fmt.Errorf("route GET /users/{id: missing brace"))
	})
	fmt.Println(server.Start(context.Background()))
	// Output:
	// engine/example_test.go:53: install Clock: no time zone
	// engine/example_test.go:54: route GET /users/{id: missing brace
}
