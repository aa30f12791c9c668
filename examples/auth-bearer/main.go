// Auth-bearer is Ktor's sample of that name: a page for who has a token.
package main

import (
	"crypto/subtle"
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// User is who is calling.
type User struct{ Name string }

// Module is the application.
func Module(a *app.Application) {
	users := bearer.New("auth-bearer", func(c *bearer.Config[User]) {
		c.Realm = "Access to the '/' path"
		c.Validate = func(_ *app.Call, given bearer.Credential) (User, error) {
			if subtle.ConstantTimeCompare([]byte(given.Token), []byte("abc123")) != 1 {
				return User{}, authentication.ErrInvalidCredentials
			}
			return User{Name: "jetbrains"}, nil
		}
	})
	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c).Name + "!")
			})
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
