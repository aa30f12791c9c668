// Datastar is a page of Datastar, without a script of its own: one list for
// everybody, and a search. An action posts the page's signals and is answered with
// a stream. When the list has changed it goes to all windows by a hub, as a whole:
// Datastar changes what is different, and a slow window skips what is out of date.
//
//	go run ./examples/datastar
//
// Open http://localhost:8080 in two windows. The page loads Datastar 1.0.1 from a
// content delivery network; -datastar names a file to serve in its place. Datastar
// makes functions of its attributes, which the page's policy has to allow.
package main

import (
	"cmp"
	"context"
	"embed"
	"flag"
	"html/template"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page
var files embed.FS

const network = "https://cdn.jsdelivr.net/gh/starfederation/datastar@v1.0.1/bundles/datastar.js"

// topic is what all windows follow.
const topic = "things"

// signals is what the page sends with each action.
type signals struct{ Text, Query string }

// service answers the page.
type service struct {
	list  list
	hub   *sse.Hub
	parts *template.Template

	publishing sync.Mutex // so that the newest list is published last
}

// Module returns the application. It serves the script of Datastar from a file, or,
// if that is empty, has the page load it from the network.
func Module(script string) app.Module {
	return func(a *app.Application) {
		parts, err := template.ParseFS(files, "page/*.html")
		if err != nil {
			a.Fail(err)
			return
		}
		address, source := network, strings.TrimSuffix(network, "datastar.js")
		if script != "" {
			address, source = "/datastar.js", "'self'"
		}
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-eval' "+source+"; style-src 'self'; "+
				"connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			c.Header("X-Content-Type-Options", "nosniff")
		}))
		a.Install(csrf.Plugin) // no other site changes the list
		a.Install(sse.Plugin)
		s := &service{hub: sse.NewHub(a), parts: parts}

		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondHTML(parts.Lookup("index.html"), address) })
			static.Resources(r, "/page", files, func(c *static.Config) { c.Base = "page" })
			if script != "" {
				r.Get("/datastar.js", func(c *app.Call) error {
					return c.RespondFile(os.DirFS(filepath.Dir(script)), filepath.Base(script))
				})
			}
			r.SSE("/feed", s.feed)
			r.Get("/search", s.search)
			r.Post("/things", s.add)
			r.Delete("/things/{id}", s.remove)
		})
	}
}

// feed sends the list, and whatever it becomes. It joins before it looks, so that
// no change is between.
func (s *service) feed(stream *sse.Session) error {
	stream.Heartbeat(func(h *sse.HeartbeatConfig) { h.OnlyIdle = true })
	if err := s.hub.Newest().Join(stream, topic); err != nil {
		return err
	}
	return datastar.PatchTemplate(stream, s.parts.Lookup("list"), s.list.find(""))
}

// publish sends the list to all windows.
func (s *service) publish(ctx context.Context) error {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	return datastar.PatchTemplate(datastar.Topic(ctx, s.hub, topic), s.parts.Lookup("list"), s.list.find(""))
}

// search answers the action with what was found, for who has asked.
func (s *service) search(c *app.Call) error {
	asked, err := datastar.ReadSignals[signals](c)
	if err != nil {
		return err
	}
	return sse.Respond(c, func(stream *sse.Session) error {
		return datastar.PatchTemplate(stream, s.parts.Lookup("found"), s.list.find(asked.Query))
	})
}

// add puts a thing on the list of all windows, and empties the field of the one that
// has sent it.
func (s *service) add(c *app.Call) error {
	sent, err := datastar.ReadSignals[signals](c)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(sent.Text)
	if text == "" || utf8.RuneCountInString(text) > 80 {
		return app.NewError(http.StatusUnprocessableEntity, "a thing has 1 to 80 characters")
	}
	if !s.list.add(text) {
		return app.NewError(http.StatusConflict, "the list is full")
	}
	if err := s.publish(c.Context()); err != nil {
		return err
	}
	return sse.Respond(c, func(stream *sse.Session) error {
		return datastar.PatchSignals(stream, map[string]any{"text": ""})
	})
}

// remove takes a thing off the list of all windows.
func (s *service) remove(c *app.Call) error {
	id, err := strconv.Atoi(c.PathParam("id"))
	if err != nil {
		return app.NewError(http.StatusNotFound, "there is no such thing")
	}
	if !s.list.remove(id) {
		return app.NewError(http.StatusNotFound, "there is no such thing")
	}
	if err := s.publish(c.Context()); err != nil {
		return err
	}
	return c.RespondStatus(http.StatusNoContent)
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	flag.IntVar(&port, "port", port, "where to listen, in place of the environment variable PORT")
	script := flag.String("datastar", "", "a file with the script of Datastar 1, in place of the network")
	flag.Parse()
	if err := engine.EmbeddedServer(Module(*script), engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
