// Upload-file is Ktor's sample of that name: a form with a file, which goes to
// disk as it arrives.
package main

import (
	"crypto/rand"
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

// save writes a body to a file in folder. The file has its name when it is whole:
// a client that breaks off, or a disk that is full, leaves what was there before.
func save(folder, name string, body io.Reader) (err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	part := rand.Text() + ".part"
	file, err := root.Create(part)
	if err != nil {
		return fmt.Errorf("save upload: %w", err)
	}
	_, err = io.Copy(file, body)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, root.Remove(part))
	}
	if err := root.Rename(part, name); err != nil {
		err = errors.Join(err, root.Remove(part))
		return &app.Error{Status: http.StatusBadRequest, Message: "the file cannot have that name", Err: err}
	}
	return nil
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
