// Custom-plugin-authorization is Ktor's sample of that name: a plugin that asks for
// roles when it is known who is calling. Without a plugin authentication.Map does
// the same.
package main

import (
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

// roleOf returns the role of a user, "" if there is none.
func roleOf(user User) string {
	switch user.Name {
	case "jetbrains":
		return "user"
	case "admin":
		return "admin"
	default:
		return ""
	}
}

// Module is the application.
func Module(a *app.Application) {
	users := basic.New("auth-basic", func(c *basic.Config[User]) {
		c.Validate = func(_ *app.Call, given basic.Credential) (User, error) {
			user := User{given.Name}
			if roleOf(user) == "" || given.Password == "" { // any password will do
				return User{}, authentication.ErrInvalidCredentials
			}
			return user, nil
		}
	})
	only := func(roles ...string) app.Installable {
		return Authorization.With(func(c *AuthorizationConfig) {
			c.Roles = roles
			c.Role = func(c *app.Call) string { return roleOf(users.Principal(c)) }
		})
	}
	hello := func(c *app.Call) error { return c.RespondText("Hello, " + users.Principal(c).Name + "!") }
	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/admin", hello).Install(only("admin"))
			r.Get("/profile", hello).Install(only("user", "admin"))
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
