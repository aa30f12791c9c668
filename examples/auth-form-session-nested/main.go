// Auth-form-session-nested is Ktor's sample of that name: a form logs in, a session
// says who is calling from then on, and one page asks for another password as well.
// Ktor leaves the session as it is in the cookie, where anybody can write a name;
// here the cookie has an ID.
package main

import (
	"crypto/subtle"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf login.html
var resources embed.FS

// UserSession is who has logged in, and how often he was here.
type UserSession struct {
	Name  string
	Count int
}

// UserName is who a form or basic authentication has proven.
type UserName string

var current = sessions.New[UserSession]("user_session")

// newByForm returns the scheme of the login.
func newByForm() *authentication.Scheme[UserName] {
	return form.New("auth-form", func(c *form.Config[UserName]) {
		c.UserParamName = "username"
		c.PasswordParamName = "password"
		c.Validate = func(_ *app.Call, given form.Credential) (UserName, error) {
			if known, right := same(given.Name, "jetbrains"), same(given.Password, "foobar"); !known || !right {
				return "", authentication.ErrInvalidCredentials
			}
			return UserName(given.Name), nil
		}
	})
}

// newBySession returns the scheme of all who have logged in.
func newBySession() *authentication.Scheme[UserSession] {
	return session.New("auth-session", current, func(c *session.Config[UserSession, UserSession]) {
		c.Validate = func(_ *app.Call, s UserSession) (UserSession, error) {
			if !strings.HasPrefix(s.Name, "jet") {
				return s, authentication.ErrInvalidCredentials
			}
			return s, nil
		}
		c.LoginPath = "/login"
	})
}

// newByBasic returns the scheme of the admin page.
func newByBasic() *authentication.Scheme[UserName] {
	return basic.New("auth-basic", func(c *basic.Config[UserName]) {
		c.Realm = "Access to the '/admin' path"
		c.Validate = func(_ *app.Call, given basic.Credential) (UserName, error) {
			if known, right := same(given.Name, "admin"), same(given.Password, "password"); !known || !right {
				return "", authentication.ErrInvalidCredentials
			}
			return UserName(given.Name), nil
		}
	})
}

// Module is the application.
func Module(a *app.Application) {
	byForm, bySession, byBasic := newByForm(), newBySession(), newByBasic()
	a.Install(csrf.Plugin) // no other site logs anybody in
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(current, func(c *sessions.CookieConfig) {
			c.Storage = sessions.NewMemory()
			c.Path = "/"
			c.MaxAge = time.Minute
		})
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/login", func(c *app.Call) error { return c.RespondFile(resources, "login.html") })

		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(byForm))
			r.Post("/login", func(c *app.Call) error {
				user := UserSession{Name: string(byForm.Principal(c)), Count: 1}
				if err := errors.Join(current.RenewID(c), current.Set(c, user)); err != nil {
					return err
				}
				return c.RespondRedirect("/hello")
			})
		})

		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(bySession))
			r.Get("/hello", func(c *app.Call) error {
				user := bySession.Principal(c)
				if err := current.Set(c, UserSession{user.Name, user.Count + 1}); err != nil {
					return err
				}
				return c.RespondText(fmt.Sprintf("Hello, %s! Visit count is %d.", user.Name, user.Count))
			})
			r.Group(func(r *routing.Route) { // both are required
				r.Install(authentication.Require(byBasic))
				r.Get("/admin", func(c *app.Call) error {
					return c.RespondText(fmt.Sprintf("Hi, %s! Welcome to the Admin page.", bySession.Principal(c).Name))
				})
			})
		})

		// By GET, as in Ktor's sample, so that a link of another site logs out as well:
		// examples/login has a POST.
		r.Get("/logout", func(c *app.Call) error {
			if err := current.Clear(c); err != nil {
				return err
			}
			return c.RespondRedirect("/login")
		})
	})
}

// same compares in a time that does not tell how much is right.
func same(given, wanted string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(wanted)) == 1
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
