// Compression offers every content coding there is, for pages and for event
// streams.
package main

import (
	"cmp"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/compression/brotli"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Install(sse.Plugin)
	a.Install(compression.Plugin.With(func(c *compression.Config) {
		c.Zstd()
		c.Encoder(brotli.Encoder())
		c.Gzip()
		c.Deflate()
		c.EventStreams(func(e *compression.EventStreamConfig) {
			e.Zstd()
			e.Encoder(brotli.EventStreamEncoder())
			e.Gzip()
			e.Deflate()
		})
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/html; charset=utf-8")
			return c.RespondText("<!doctype html><html lang=\"en\"><title>Prices</title>" + prices(0) + "</html>")
		})

		// What was sent, as it was before the client encoded it.
		r.Post("/echo", func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(text)
		})

		// The whole table, again and again: what changes is all that takes
		// room.
		r.SSE("/prices", func(s *sse.Session) error {
			for second := 0; ; second++ {
				if err := s.SendText(prices(second)); err != nil {
					return err
				}
				if err := s.Delay(time.Second); err != nil {
					return err
				}
			}
		})
	})
}

// prices is a table of which a few cells change each second.
func prices(second int) string {
	var table strings.Builder
	fmt.Fprintf(&table, `<table><caption>after %d s</caption>`, second)
	for article := range 50 {
		cents := (article*7919 + second/(1+article)*104729) % 100_000
		fmt.Fprintf(&table, `<tr><td>Article %d</td><td>%d.%02d</td></tr>`, article, cents/100, cents%100)
	}
	return table.String() + `</table>`
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	if err := engine.EmbeddedServer(Module, engine.Port(port), engine.HTTP2Cleartext()).Run(); err != nil {
		log.Fatal(err)
	}
}
