// Auth-basic is Ktor's sample of that name: a page for who knows a name and a
// password.
package main

import (
	"crypto/subtle"
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// User is who is calling.
type User struct{ Name string }

// same compares in a time that does not tell how much is right.
func same(given, wanted string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(wanted)) == 1
}

// Module is the application.
func Module(a *app.Application) {
	users := basic.New("auth-basic", func(c *basic.Config[User]) {
		c.Realm = "Access to the '/' path"
		c.Validate = func(_ *app.Call, given basic.Credential) (User, error) {
			if known, right := same(given.Name, "jetbrains"), same(given.Password, "foobar"); !known || !right {
				return User{}, authentication.ErrInvalidCredentials
			}
			return User{Name: given.Name}, nil
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
	engine.Main(engine.Modules{"authbasic.ApplicationKt.main": Module}, engine.Resources(resources))
}
