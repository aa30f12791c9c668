// Post-raw-data is Ktor's sample of that name: four ways to receive a body.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application. It writes to the folder uploads, which must exist.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Post("/text", func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(text)
		})

		r.Post("/bytes", func(c *app.Call) error {
			data, err := app.Receive[[]byte](c)
			if err != nil {
				return err
			}
			return c.Respond(string(data))
		})

		r.Post("/channel", func(c *app.Call) error {
			body, err := app.Receive[io.Reader](c)
			if err != nil {
				return err
			}
			text, err := io.ReadAll(io.LimitReader(body, 1<<20))
			if err != nil {
				return err
			}
			return c.RespondText(string(text))
		})

		r.Post("/upload", func(c *app.Call) error {
			body, err := app.Receive[io.Reader](c)
			if err != nil {
				return err
			}
			if err := save("uploads/ktor_logo.png", body); err != nil {
				return err
			}
			return c.RespondText("A file is uploaded")
		})
	})
}

// save writes a body to a file.
func save(name string, body io.Reader) error {
	file, err := os.Create(name) //nolint:gosec // the name is a constant of this program
	if err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	if _, err := io.Copy(file, body); err != nil {
		return fmt.Errorf("save upload: %w", errors.Join(err, file.Close()))
	}
	return file.Close()
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
