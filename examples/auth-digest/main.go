// Auth-digest is Ktor's sample of that name: digest authentication, with a table
// of passwords. MD5 is offered last, for clients that know no other.
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

var userPasswords = map[string]string{"jetbrains": "foobar", "admin": "password"}

// CustomPrincipal is who is calling.
type CustomPrincipal struct{ UserName, Realm string }

// Module is the application.
func Module(a *app.Application) {
	users := digest.New("auth-digest", func(c *digest.Config[CustomPrincipal]) {
		c.Realm = "Access to the '/' path"
		c.Algorithms = []digest.Algorithm{digest.SHA256, digest.SHA512256, digest.MD5}
		c.DigestProvider = func(_ *app.Call, userName, realm string, algorithm digest.Algorithm) ([]byte, error) {
			password, found := userPasswords[userName]
			if !found {
				return nil, nil
			}
			return algorithm.HA1(userName, realm, password), nil
		}
		c.Validate = func(_ *app.Call, credential digest.Credential) (CustomPrincipal, error) {
			return CustomPrincipal{credential.UserName, credential.Realm}, nil
		}
	})
	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c).UserName + "!")
			})
		})
	})
}

func main() {
	engine.Main(engine.Modules{"authdigest.ApplicationKt.main": Module}, engine.Resources(resources))
}
