package compression_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// showPost starts a module, sends it a body in gzip under some name, and prints
// the response.
func showPost(module app.Module, coding, text string) {
	application := app.New(module)
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	var body bytes.Buffer
	writer := gzip.NewWriter(&body)
	if _, err := writer.Write([]byte(text)); err != nil {
		fmt.Println(err)
	}
	if err := writer.Close(); err != nil {
		fmt.Println(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/", &body)
	request.Header.Set("Content-Encoding", coding)
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, request)
	fmt.Println(recorder.Code, recorder.Body)
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// Handlers receive what the client had before it was compressed, up to a limit.
func ExampleConfig_requests() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Mode = compression.DecompressRequest
			c.MaxDecodedContentLength = 1 << 10
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText(fmt.Sprintf("%s, by %s", text, compression.AppliedDecoders(c)))
			})
		})
	}
	showPost(module, "gzip", "Hello, world!")
	showPost(module, "gzip", strings.Repeat("Hello, world! ", 1000))
	showPost(module, "deflate", "Hello, world!")
	showPost(module, "br", "Hello, world!")

	// Output:
	// 200 Hello, world!, by [gzip]
	// 413 Request Entity Too Large
	// 400 the body cannot be decoded as deflate
	// 415 the content coding of the body is not supported
}

// The readers of the standard library, and most others, can be used as they
// are.
func ExampleReader() {
	standard := compression.Encoder{
		Name: "gzip",
		NewWriter: func(level int) (compression.Writer, error) {
			return gzip.NewWriterLevel(nil, cmp.Or(level, gzip.DefaultCompression))
		},
		NewReader: func() (compression.Reader, error) { return new(gzip.Reader), nil },
	}
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) { c.Encoder(standard) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText(text)
			})
		})
	}
	showPost(module, "gzip", "Hello, world!")

	// Output:
	// 200 Hello, world!
}

// A handler that wants the bytes that arrived, to check a signature or to store
// them, says so before it reads.
func ExampleSuppressDecompression() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				compression.SuppressDecompression(c)
				body, err := c.ReceiveBytes()
				if err != nil {
					return err
				}
				return c.RespondText(fmt.Sprintf("%x, %s", body[:2], c.Request.Header.Get("Content-Encoding")))
			})
		})
	}
	showPost(module, "gzip", "Hello, world!")

	// Output:
	// 200 1f8b, gzip
}
