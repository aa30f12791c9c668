package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// login is the session of who has logged in.
var login = sessions.New[User]("login")

// errLoggedOut is why streams end.
var errLoggedOut = errors.New("the user has logged out")

// Module answers to whom it knows, with the name and the scheme.
func Module(a *app.Application) {
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(login, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
	}))
	a.Install(sse.Plugin.With(func(c *sse.Config) {
		c.Until = authentication.Until
		c.LastEvent = func(_ *sse.Session, cause error) sse.Event {
			if errors.Is(cause, errLoggedOut) {
				return sse.Event{Event: "close", Data: "bye"}
			}
			return sse.Event{}
		}
	}))
	secret := []byte(rand.Text() + rand.Text())
	known := newSchemes(secret)
	routing.Routes(a, func(r *routing.Route) {
		for _, scheme := range []*authentication.Scheme[User]{known.basic, known.digest, known.bearer, known.jwt, known.key} {
			r.Route("/"+scheme.Name(), func(r *routing.Route) {
				r.Install(authentication.Require(scheme))
				r.Handle("", greet(scheme))
			})
		}
		either := authentication.AnyOf("either", known.basic, known.digest)
		r.Get("/either", greet(either)).Install(authentication.Require(either))
		r.Get("/token", func(c *app.Call) error { return token(c, secret) })

		r.Get("/login", func(c *app.Call) error { return c.RespondText("<form method=post>\n") })
		r.Post("/login", func(c *app.Call) error { return begin(c, known.form.Principal(c)) }).
			Install(authentication.Require(known.form))
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(known.session))
			r.Get("/me", greet(known.session))
			r.Post("/logout", func(c *app.Call) error { return end(c, known.session.Principal(c)) })
			r.SSE("/events", func(s *sse.Session) error {
				if err := s.SendText("hello, " + known.session.Principal(s.Call()).Name); err != nil {
					return err
				}
				<-s.Context().Done()
				return nil
			})
		})
	})
}

// greet says who is calling, by which scheme, and what the body is.
func greet(scheme *authentication.Scheme[User]) app.Handler {
	return func(c *app.Call) error {
		body, err := c.ReceiveText()
		if err != nil {
			return err
		}
		return c.RespondText(fmt.Sprintf("%s by %s%s\n", scheme.Principal(c).Name, scheme.Name(), body))
	}
}

// begin begins the session of a user, and goes on to where the user wanted to be.
func begin(c *app.Call, user User) error {
	if err := errors.Join(login.RenewID(c), login.Set(c, user)); err != nil {
		return err
	}
	return c.RespondRedirect(form.ReturnPath(c, "/me"))
}

// end ends the session of a user, and the streams.
func end(c *app.Call, user User) error {
	if err := login.Clear(c); err != nil {
		return err
	}
	streams, _ := sse.SessionsOf(c.Application())
	for stream := range streams.All() {
		if of, ok, err := login.Get(stream.Call()); err == nil && ok && of == user {
			stream.End(errLoggedOut)
		}
	}
	return c.RespondText("bye\n")
}

func main() {
	server := engine.EmbeddedServer(Module,
		engine.Connector("127.0.0.1", 0),
		engine.TLSConnector("127.0.0.1", 0, engine.KeyStore(os.Getenv("KEY_STORE"), "changeit")))
	if err := server.Run(); err != nil {
		server.Application().Logger().Error("the server has failed", "error", err)
		os.Exit(1) //nolint:forbidigo // a main function ends its program
	}
}
