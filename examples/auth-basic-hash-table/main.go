// Auth-basic-hash-table is Ktor's sample of that name: users whose passwords are
// kept as digests. New tables have passwords.Hash instead.
package main

import (
	"crypto/sha256"
	"embed"
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/passwords"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// User is who is calling.
type User struct{ Name string }

// Module is the application.
func Module(a *app.Application) {
	digestFunction := passwords.Digest(sha256.New, func(password string) string {
		return "ktor" + strconv.Itoa(len(password))
	})
	hashedUserTable, err := passwords.NewDigestTable(digestFunction, map[string][]byte{
		"jetbrains": digestFunction("foobar"),
		"admin":     digestFunction("password"),
	})
	if err != nil {
		a.Fail(err)
		return
	}
	users := basic.New("auth-basic-hashed", func(c *basic.Config[User]) {
		c.Realm = "Access to the '/' path"
		c.Validate = func(c *app.Call, given basic.Credential) (User, error) {
			if err := hashedUserTable.Authenticate(c.Context(), given.Name, given.Password); err != nil {
				return User{}, err
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
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
