package brotli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/compression/brotli"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// show starts a module, sends it a request and prints the coding of the
// response.
func show(module app.Module, path, accept string) {
	application := app.New(module)
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Accept-Encoding", accept)
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, request)
	fmt.Printf("%s: coding %q\n", path, recorder.Header().Get("Content-Encoding"))
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// Of encoders that the client likes equally, the one that is named first is
// taken.
func Example() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Encoder(brotli.Encoder())
			c.Gzip()
			c.EventStreams(func(e *compression.EventStreamConfig) {
				e.Encoder(brotli.EventStreamEncoder())
				e.Zstd()
				e.Gzip()
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/text", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello, world! ", 100)) })
			r.SSE("/events", func(s *sse.Session) error { return s.SendText("Hello, world!") })
		})
	}
	show(module, "/text", "gzip, deflate, br, zstd")
	show(module, "/text", "gzip, deflate, zstd")
	show(module, "/events", "gzip, deflate, br, zstd")
	show(module, "/events", "gzip, deflate, zstd")

	// Output:
	// /text: coding "br"
	// /text: coding "gzip"
	// /events: coding "br"
	// /events: coding "zstd"
}

// The level is Brotli's quality.
func ExampleEncoder() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Encoder(brotli.Encoder(), func(e *compression.EncoderConfig) { e.Level = 6; e.MinimumSize(1024) })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello, world! ", 100)) })
		})
	}
	show(module, "/", "br")

	// Output:
	// /: coding "br"
}
