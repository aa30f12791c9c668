package session_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// Who has logged in is known by a session; who has not is sent to /login.
func Example() {
	current := sessions.New[UserSession]("current")
	users := session.New("users", current, func(c *session.Config[UserSession, User]) {
		c.Validate = func(_ *app.Call, s UserSession) (User, error) { return User{Email: s.Name + "@example.org"}, nil }
		c.LoginPath = "/login"
	})
	module := func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(current, func(c *sessions.CookieConfig) { c.Storage, c.MaxAge = sessions.NewMemory(), time.Hour })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/login", func(c *app.Call) error {
				// Here a name and a password are checked.
				return errors.Join(current.RenewID(c), current.Set(c, UserSession{Name: "ann"}))
			})
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(users))
				r.Get("/me", func(c *app.Call) error { return c.RespondText(users.Principal(c).Email) })
			})
		})
	}
	server := engine.EmbeddedServer(module, engine.Port(8080))
	_ = server // server.Run() serves until the process is told to stop
	fmt.Println(users.Name())
	// Output: users
}
