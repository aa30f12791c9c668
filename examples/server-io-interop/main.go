// Server-io-interop is Ktor's sample of that name: a response that is written to
// as a writer, and two that are written to something else first. Ktor has
// adapters between its channels, the sinks of kotlinx-io and the streams of Java;
// in Go all of them are an io.Writer.
package main

import (
	"bufio"
	"bytes"
	"io"
	"log"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/sink", func(c *app.Call) error {
			sink := bufio.NewWriter(c.Writer())
			if _, err := sink.WriteString("Hello from kotlinx-io Sink!"); err != nil {
				return err
			}
			return sink.Flush()
		})

		r.Get("/raw-sink", func(c *app.Call) error {
			var buffer bytes.Buffer
			buffer.WriteByte(42)
			buffer.WriteString("Hello via RawSink")
			return c.RespondBytes(buffer.Bytes())
		})

		r.Get("/output-stream", func(c *app.Call) error {
			var buffer bytes.Buffer
			if err := greet(&buffer); err != nil {
				return err
			}
			return c.RespondBytes(buffer.Bytes())
		})
	})
}

// greet writes to whatever it is given, a response for instance.
func greet(out io.Writer) error {
	_, err := io.WriteString(out, "Hello from OutputStream-backed channel!")
	return err
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
