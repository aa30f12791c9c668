// Websockets-chat is Ktor's sample chat: everybody talks to everybody, in as many
// windows as they like, and commands begin with a slash: /who, /user and /help.
//
//	go run ./examples/websockets-chat
//
// Open http://localhost:8080 in two windows, one of them private. Ktor's sample keeps
// a list of sockets and sends to one after the other. Here a hub does: all join the
// topic of the chat and one of their own, so that one who is slow holds up nobody for
// long. What was said last comes before the line that says who has joined.
package main

import (
	"cmp"
	"crypto/rand"
	"embed"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page
var files embed.FS

// policy lets the page load what this server has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ChatSession is what a browser is known by, whatever it has open.
type ChatSession struct{ ID string }

var chatters = sessions.New[ChatSession]("SESSION")

func newSession() (ChatSession, error) { return ChatSession{rand.Text()}, nil }

// Module is the application.
func Module(a *app.Application) {
	a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
		c.Header("Content-Security-Policy", policy)
	}))
	a.Install(calllogging.Plugin)
	a.Install(websockets.Plugin.With(func(c *websockets.Config) {
		c.PingPeriod = time.Minute
		c.MaxMessageSize = 4 << 10
	}))
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(chatters, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
	}))
	chat := newServer(sse.NewHub(a), a.Logger())

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/ws", func(c *app.Call) error {
			session, err := chatters.GetOrSet(c, newSession) // its cookie leaves with the handshake
			if err != nil {
				return err
			}
			return websockets.Respond(c, func(s *websockets.Session) error { return talk(s, chat, session.ID) })
		})
		static.Resources(r, "/", files, func(c *static.Config) { c.Base = "page" })
	})
}

// talk lets a member take part, until its window is closed.
func talk(s *websockets.Session, chat *server, member string) error {
	if err := chat.join(s, member); err != nil {
		return err
	}
	for {
		message, err := s.Receive()
		if err != nil {
			return err
		}
		if message.Kind != websockets.Text {
			continue
		}
		if err := chat.received(s.Context(), member, message.Text()); err != nil {
			return err
		}
	}
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
