// Auth-form-html-dsl is Ktor's sample of that name: a form that asks for a name and
// a password. The page is a template of html/template.
package main

import (
	"crypto/subtle"
	"embed"
	"html/template"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf login.html
var resources embed.FS

// User is who is calling.
type User struct{ Name string }

// same compares in a time that does not tell how much is right.
func same(given, wanted string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(wanted)) == 1
}

// Module is the application.
func Module(a *app.Application) {
	page, err := template.ParseFS(resources, "login.html")
	if err != nil {
		a.Fail(err)
		return
	}
	users := form.New("auth-form", func(c *form.Config[User]) {
		c.UserParamName = "username"
		c.PasswordParamName = "password"
		c.Validate = func(_ *app.Call, given form.Credential) (User, error) {
			if known, right := same(given.Name, "jetbrains"), same(given.Password, "foobar"); !known || !right {
				return User{}, authentication.ErrInvalidCredentials
			}
			return User{Name: given.Name}, nil
		}
		c.OnUnauthorized = func(c *app.Call, refused *authentication.UnauthorizedError) error {
			c.SetStatus(refused.StatusCode())
			return c.RespondText("Credentials are not valid")
		}
	})

	a.Install(csrf.Plugin) // a page of another site logs nobody in
	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Post("/login", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c).Name + "!")
			})
		})

		r.Get("/login", func(c *app.Call) error { return c.RespondHTML(page, nil) })
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
