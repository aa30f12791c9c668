// Upload-file is Ktor's sample of that name: a form with a file, which goes to
// disk as it arrives.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application. It writes to the folder uploads, and never outside
// it: the file name that a client sends may be hostile.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Post("/upload", func(c *app.Call) error {
			var description, name string
			for part, err := range c.ReceiveMultipartLimit(100 << 20) {
				if err != nil {
					return err
				}
				if part.FileName() == "" {
					text, err := io.ReadAll(io.LimitReader(part, 4096))
					if err != nil {
						return err
					}
					description = string(text)
					continue
				}
				name = part.FileName()
				if err := save("uploads", name, part); err != nil {
					return err
				}
			}
			return c.RespondText(fmt.Sprintf("%s is uploaded to 'uploads/%s'", description, name))
		})
	})
}

// save writes a body to a file in folder.
func save(folder, name string, body io.Reader) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	file, err := root.Create(name)
	if err = errors.Join(err, root.Close()); err != nil {
		return &app.Error{Status: http.StatusBadRequest, Message: "the file cannot have that name", Err: err}
	}
	_, err = io.Copy(file, body)
	return errors.Join(err, file.Close())
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
