// Auth-ldap is Ktor's sample of that name: names and passwords that a directory
// knows. It asks an OpenLDAP at port 389 of this machine whose suffix is
// dc=ktor,dc=io, with the people of people.ldif.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/ldap"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// User is who is calling.
type User struct{ Name string }

// Asking returns the application that asks the directory at an address.
func Asking(address string) app.Module {
	return func(a *app.Application) {
		directory, err := ldap.New(func(c *ldap.Config) {
			c.URL = address
			c.UserDN = "cn=%s,dc=ktor,dc=io"
			c.Security = ldap.Plaintext // it is on this machine
		})
		if err != nil {
			a.Fail(err)
			return
		}
		users := basic.New("auth-ldap", func(c *basic.Config[User]) {
			c.Validate = func(c *app.Call, given basic.Credential) (User, error) {
				if _, err := directory.Authenticate(c.Context(), given.Name, given.Password); err != nil {
					return User{}, err
				}
				return User{given.Name}, nil
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
}

func main() {
	module := Asking("ldap://localhost:389")
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": module}, engine.Resources(resources))
}
