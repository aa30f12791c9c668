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
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// show starts a module, sends it a request and prints what the header of the
// response says about its coding.
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
	header := recorder.Header()
	fmt.Printf("%s: coding %q, vary %q\n", path, header.Get("Content-Encoding"), header.Get("Vary"))
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// Installed as it is, the plugin leaves small bodies and media that are
// compressed by nature alone.
func Example() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/long", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello, world! ", 100)) })
			r.Get("/short", func(c *app.Call) error { return c.RespondText("Hello, world!") })
		})
	}
	show(module, "/long", "gzip, deflate, br")
	show(module, "/long", "br")
	show(module, "/short", "gzip, deflate, br")

	// Output:
	// /long: coding "gzip", vary "Accept-Encoding"
	// /long: coding "", vary "Accept-Encoding"
	// /short: coding "", vary ""
}

func ExampleConfig() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Gzip()
			c.Deflate(func(e *compression.EncoderConfig) { e.Priority = 10; e.MinimumSize(1024) })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/1000", func(c *app.Call) error { return c.RespondText(strings.Repeat("0123456789", 100)) })
			r.Get("/2000", func(c *app.Call) error { return c.RespondText(strings.Repeat("0123456789", 200)) })
		})
	}
	show(module, "/1000", "gzip, deflate")
	show(module, "/2000", "gzip, deflate")

	// Output:
	// /1000: coding "gzip", vary "Accept-Encoding"
	// /2000: coding "deflate", vary "Accept-Encoding"
}

// Zstd for those who know it, gzip and deflate for the others.
func ExampleConfig_ZstdStandard() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) { c.ZstdStandard() }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello, world! ", 100)) })
		})
	}
	show(module, "/", "gzip, deflate, br, zstd")
	show(module, "/", "gzip, deflate, br")

	// Output:
	// /: coding "zstd", vary "Accept-Encoding"
	// /: coding "gzip", vary "Accept-Encoding"
}

// The writers of the standard library, and most others, can be offered as they
// are.
func ExampleConfig_Encoder() {
	standard := compression.Encoder{Name: "gzip", NewWriter: func(level int) (compression.Writer, error) {
		return gzip.NewWriterLevel(nil, cmp.Or(level, gzip.DefaultCompression))
	}}
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Encoder(standard, func(e *compression.EncoderConfig) { e.Level = 9 })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello, world! ", 100)) })
		})
	}
	show(module, "/", "gzip")

	// Output:
	// /: coding "gzip", vary "Accept-Encoding"
}

// Pages of other sites do not get to measure how well a response with a secret
// compresses (BREACH).
func ExampleConditions_Condition() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.MinimumSize(200)
			c.MatchContentType("text/*", "application/json")
			c.Condition(func(c *app.Call, _ *app.Outgoing) bool {
				referer := c.Request.Header.Get("Referer")
				return strings.HasPrefix(referer, "https://example.com/")
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello, world! ", 100)) })
		})
	}
	show(module, "/", "gzip")

	// Output:
	// /: coding "", vary ""
}

// A handler that compresses by itself, or must not be compressed, says so.
func Example_suppressCompression() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.SuppressCompression()
				return c.RespondText(strings.Repeat("Hello, world! ", 100))
			})
		})
	}
	show(module, "/", "gzip")

	// Output:
	// /: coding "", vary ""
}

// Event streams are encoded where that was asked for, here on one route.
func ExampleConfig_EventStreams() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/prices", func(r *routing.Route) {
				r.Install(compression.Plugin.With(func(c *compression.Config) {
					c.EventStreams(func(e *compression.EventStreamConfig) {
						e.Zstd()
						e.Gzip(func(g *compression.EncoderConfig) { g.Level = 9 })
						e.MaxEncoders = 200
					})
				}))
				r.SSE("/", func(s *sse.Session) error { return s.SendText("<table>...</table>") })
			})
			r.SSE("/ticks", func(s *sse.Session) error { return s.SendText("12.34") })
		})
	}
	show(module, "/prices/", "gzip, deflate, br, zstd")
	show(module, "/prices/", "gzip")
	show(module, "/ticks", "gzip, deflate, br, zstd")

	// Output:
	// /prices/: coding "zstd", vary "Accept-Encoding"
	// /prices/: coding "gzip", vary "Accept-Encoding"
	// /ticks: coding "", vary ""
}

// What was flushed can be decoded at once. Many small pieces ask for gzip of
// level 7 or more, or for zstd.
func ExampleConfig_Zstd() {
	module := func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Zstd()
			c.Gzip(func(e *compression.EncoderConfig) { e.Level = 7 })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/log", func(c *app.Call) error {
				c.Header().Set("Content-Type", "application/x-ndjson")
				return c.Respond(app.Stream(func(w http.ResponseWriter) error {
					for i := range 3 {
						fmt.Fprintf(w, "{\"line\":%d}\n", i)
						if err := http.NewResponseController(w).Flush(); err != nil {
							return err
						}
					}
					return nil
				}))
			})
		})
	}
	show(module, "/log", "gzip, deflate, br, zstd")

	// Output:
	// /log: coding "zstd", vary "Accept-Encoding"
}

// Bodies of requests are decoded before anybody reads them.
func ExampleAppliedDecoders() {
	application := app.New(func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Mode = compression.DecompressRequest
			c.MaxDecodedContentLength = 10 << 20
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				received, err := c.ReceiveText()
				if err != nil {
					return err // 400, 413 or 415
				}
				fmt.Println(received, compression.AppliedDecoders(c))
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	var body bytes.Buffer
	encoder := gzip.NewWriter(&body)
	fmt.Fprint(encoder, "Hello, world!")
	if err := encoder.Close(); err != nil {
		fmt.Println(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/", &body)
	request.Header.Set("Content-Encoding", "gzip")
	application.ServeHTTP(httptest.NewRecorder(), request)
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// Hello, world! [gzip]
}
