// Llm-chat is a page on which the words of a model arrive one after the other. A
// question is a POST, and its answer an event stream: sse.Respond. The button Stop
// ends the request, and with it, at once, the work of the model.
//
//	go run ./examples/llm-chat
//
// Open http://localhost:8080. Who answers is a fake model, which the program brings
// with it. The environment names any other server that speaks the form of OpenAI's
// API, such as Ollama, vLLM, or the example llm-proxy:
//
//	OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=sk-… MODEL=qwen3 \
//		go run ./examples/llm-chat
//
// The key stays with the server: neither the page nor the log has it.
package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/llm-proxy/fakemodel"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page
var files embed.FS

// policy lets the page have what it comes with, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Module returns the application, whose answers are those of a model.
func Module(model *Model) app.Module {
	return func(a *app.Application) {
		page, err := fs.Sub(files, "page")
		if err != nil {
			a.Fail(err)
		}
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("Content-Security-Policy", policy)
			c.Header("X-Content-Type-Options", "nosniff")
		}))
		a.Install(csrf.Plugin) // no page of another site asks
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			c.MaxSessionsPerKey = 4
			c.Serializer = sse.JSON
			c.LastEvent = func(*sse.Session, error) sse.Event {
				return sse.Event{Event: "error", Data: `{"text":"The server stops. Ask again in a moment."}`}
			}
			// A model thinks for longer than a proxy between lets a line be silent.
			c.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period, h.OnlyIdle = 15*time.Second, true })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/{file...}", func(c *app.Call) error {
				c.Header().Set("Cache-Control", "no-cache")
				return c.RespondFile(page, cmp.Or(c.PathParam("file"), "index.html"))
			})
			r.Post("/answers", func(c *app.Call) error {
				messages, err := receiveMessages(c)
				if err != nil {
					return err
				}
				return sse.Respond(c, func(s *sse.Session) error { return answer(s, model, messages) })
			}).Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Limit, c.Refill = 20, time.Minute
			}))
		})
	}
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() (err error) {
	port := flag.String("port", cmp.Or(os.Getenv("PORT"), "8080"), "where to listen, in place of the environment variable PORT")
	fake := fakemodel.Config{Key: "sk-upstream"}
	flag.DurationVar(&fake.Thinking, "thinking", 2*time.Second, "for how long the fake model thinks")
	flag.DurationVar(&fake.Pace, "pace", 50*time.Millisecond, "the time between two words of the fake model")
	flag.Parse()
	number, err := strconv.Atoi(*port)
	if err != nil {
		return fmt.Errorf("port: %w", err)
	}
	model := &Model{
		Base: os.Getenv("OPENAI_BASE_URL"), Key: os.Getenv("OPENAI_API_KEY"), Name: cmp.Or(os.Getenv("MODEL"), "fake"),
		Client: http.DefaultClient,
	}
	if model.Base == "" {
		fake.Ended = func(words int, err error) {
			log.Printf("the fake model has ended an answer: words=%d error=%v", words, err)
		}
		var stop func() error
		if model.Base, stop, err = fakemodel.Listen(context.Background(), fake); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		model.Key = fake.Key
	}
	if err := checkBase(model.Base); err != nil {
		return err
	}
	return engine.EmbeddedServer(Module(model), engine.Port(number)).Run()
}
