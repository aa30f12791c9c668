package main

import (
	"log/slog"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
	"github.com/chitor-go/chitor/routing"
)

// Module answers with the name of the user, and what was sent.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		for _, algorithm := range []digest.Algorithm{
			digest.SHA256, digest.SHA256Session, digest.SHA512256, digest.MD5, digest.MD5Session,
		} {
			users := digest.New(string(algorithm), func(c *digest.Config[string]) {
				c.Algorithms = []digest.Algorithm{algorithm}
				c.DigestProvider = lookUp
			})
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(users))
				answer := func(c *app.Call) error {
					text, err := c.ReceiveText()
					if err != nil {
						return err
					}
					return c.RespondText(users.Principal(c) + ":" + text)
				}
				r.Get("/"+string(algorithm), answer)
				r.Post("/"+string(algorithm), answer)
			})
		}
	})
}

// lookUp knows one user, whose name and password have to be quoted.
func lookUp(_ *app.Call, userName, realm string, algorithm digest.Algorithm) ([]byte, error) {
	if userName != `Jäsøn "J" Doe` {
		return nil, nil
	}
	return algorithm.HA1(userName, realm, `Secret, or "not"?`), nil
}

func main() {
	server := engine.EmbeddedServer(Module, engine.HTTP2Cleartext(), engine.Connector("127.0.0.1", 0))
	if err := server.Run(); err != nil {
		server.Application().Logger().Error("the server has failed", slog.Any("error", err))
		os.Exit(1) //nolint:forbidigo // a main function ends its program
	}
}
