// Tutorial-server-websockets is Ktor's sample of that name: tasks that arrive one
// after the other, and tasks that one page adds and all pages get.
//
//	go run ./examples/tutorial-server-websockets
//
// Open http://localhost:8080/static/index.html, and in two windows
// http://localhost:8080/static/wsClient.html. A task whose name is taken closes the
// WebSocket with 1008 and a text, where Ktor's sample fails with 1011.
package main

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/tutorial-server-routing-and-requests/model"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

//go:embed static
var files embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(websockets.Plugin.With(func(c *websockets.Config) {
		c.Converter = websockets.JSON()
		c.PingPeriod = 15 * time.Second
		c.Timeout = 15 * time.Second
	}))
	shared := &board{hub: sse.NewHub(a), tasks: model.NewRepository()}

	routing.Routes(a, func(r *routing.Route) {
		websockets.Handle(r, "/tasks", func(s *websockets.Session) error {
			if err := send(s, shared.tasks.All()); err != nil {
				return err
			}
			return websockets.CloseReason{Code: websockets.CloseNormal, Message: "All done"}
		})

		websockets.Handle(r, "/tasks2", func(s *websockets.Session) error {
			tasks, err := shared.join(s)
			if err != nil {
				return err
			}
			if err := send(s, tasks); err != nil {
				return err
			}
			for {
				task, err := websockets.Receive[model.Task](s)
				if err != nil {
					return err
				}
				if err := shared.add(s.Context(), task); err != nil {
					return err
				}
			}
		})
		static.Resources(r, "/static", files, func(c *static.Config) { c.Base = "static" })
	})
}

// send sends tasks, and takes a second for each.
func send(s *websockets.Session, tasks []model.Task) error {
	for _, task := range tasks {
		if err := s.SendValue(task); err != nil {
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-s.Context().Done():
			return context.Cause(s.Context())
		}
	}
	return nil
}

// A board has the tasks that all see.
type board struct {
	hub   *sse.Hub
	tasks *model.Repository

	adding sync.Mutex // held so that who joins sees each task once
}

// join gives a WebSocket all tasks that are added from now on, and returns the
// others.
func (b *board) join(s *websockets.Session) ([]model.Task, error) {
	b.adding.Lock()
	defer b.adding.Unlock()
	return b.tasks.All(), b.hub.Join(s, "tasks")
}

// add adds a task, and tells everybody.
func (b *board) add(ctx context.Context, task model.Task) error {
	text, err := json.Marshal(task)
	if err != nil {
		return err
	}
	b.adding.Lock()
	defer b.adding.Unlock()
	if err := b.tasks.Add(task); err != nil {
		return websockets.CloseReason{Code: websockets.CloseViolatedPolicy, Message: "a task of that name is there already"}
	}
	return b.hub.Publish(ctx, "tasks", sse.Event{Data: string(text)})
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	if err := engine.EmbeddedServer(Module, engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
