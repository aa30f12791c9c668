package session_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

type UserSession struct {
	Name   string
	Visits int
}

type User struct{ Email string }

// sessionOf is what the tests keep.
var sessionOf = sessions.New[UserSession]("user_session")

type config = session.Config[UserSession, User]

// users returns the scheme of the tests, for whom nobody is not good.
func users(configure ...func(*config)) *authentication.Scheme[User] {
	return session.New("users", sessionOf, func(c *config) {
		c.Validate = func(_ *app.Call, s UserSession) (User, error) {
			switch s.Name {
			case "gone":
				return User{}, fmt.Errorf("no user %s: %w", s.Name, authentication.ErrInvalidCredentials)
			case "guest":
				return User{}, authentication.ErrForbidden
			case "broken":
				return User{}, fmt.Errorf("the table is down")
			}
			return User{fmt.Sprintf("%s@test.com", s.Name)}, nil
		}
		for _, change := range configure {
			change(c)
		}
	})
}

// site is a module with a login, and routes that need or may have one.
func site(scheme *authentication.Scheme[User], storage sessions.Storage) app.Module {
	return func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(sessionOf, func(c *sessions.CookieConfig) { c.Storage, c.MaxAge = storage, time.Hour })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/login", func(c *app.Call) error {
				if err := sessionOf.RenewID(c); err != nil {
					return err
				}
				if err := sessionOf.Set(c, UserSession{Name: c.QueryParam("name")}); err != nil {
					return err
				}
				return c.RespondText("hello")
			})
			r.Get("/public", func(c *app.Call) error { return c.RespondText("public") })
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(scheme))
				r.Handle("/me", func(c *app.Call) error { return c.RespondText(scheme.Principal(c).Email) })
				r.Get("/touch", func(c *app.Call) error {
					s, _, err := sessionOf.Get(c)
					if err != nil {
						return err
					}
					s.Visits++
					if err := sessionOf.Set(c, s); err != nil {
						return err
					}
					return c.RespondText(fmt.Sprintf("%s:%d", s.Name, s.Visits))
				})
				r.Get("/rename", func(c *app.Call) error {
					s, _, err := sessionOf.Get(c)
					if err != nil {
						return err
					}
					s.Name = c.QueryParam("name")
					if err := sessionOf.Set(c, s); err != nil {
						return err
					}
					return c.RespondText(scheme.Principal(c).Email + ":" + s.Name)
				})
				r.Get("/logout", func(c *app.Call) error {
					if err := sessionOf.Clear(c); err != nil {
						return err
					}
					return c.RespondText("bye")
				})
			})
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Optional(scheme))
				r.Get("/maybe", func(c *app.Call) error {
					user, ok := scheme.Get(c)
					return c.RespondText(fmt.Sprintf("%s %v", user.Email, ok))
				})
			})
		})
	}
}

// start starts the site with sessions in memory.
func start(t *testing.T, configure ...func(*config)) *apptest.Host {
	t.Helper()
	return apptest.Start(t, site(users(configure...), sessions.NewMemory()))
}

// browser returns a client that keeps cookies and follows no redirect.
func browser(host *apptest.Host) *apptest.Client {
	return host.NewClient(apptest.Cookies(), apptest.NoRedirects())
}

// loggedIn returns a browser whose user has logged in.
func loggedIn(host *apptest.Host, name string) *apptest.Client {
	client := browser(host)
	client.Get("/login?name=" + name)
	return client
}

func assertText(t *testing.T, response *http.Response, status int, text string) {
	t.Helper()
	assert.Equal(t, status, response.StatusCode)
	assert.Equal(t, text, strings.TrimSpace(apptest.Text(t, response)))
}
