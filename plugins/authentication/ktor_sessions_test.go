package authentication_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// The cases of this file are those of Ktor's typed schemes that are sessions.

// A UserSession is what Ktor's tests keep.
type UserSession struct {
	Name   string
	Visits int
}

// bySession returns a session and the scheme that accepts it.
func bySession(name string) (*sessions.Handle[UserSession], *authentication.Scheme[User]) {
	handle := sessions.New[UserSession](name)
	return handle, session.New(name, handle, func(c *session.Config[UserSession, User]) {
		c.Validate = func(_ *app.Call, s UserSession) (User, error) {
			if s.Name == "blocked" {
				return User{}, authentication.ErrInvalidCredentials
			}
			return User{s.Name}, nil
		}
	})
}

// visitedBy serves a route behind a scheme, and one that logs in.
func visitedBy(handle *sessions.Handle[UserSession], handler app.Handler, layers ...app.Installable) app.Module {
	return func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(handle, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/set-session/{name}", func(c *app.Call) error {
				if err := handle.Set(c, UserSession{Name: c.PathParam("name"), Visits: 2}); err != nil {
					return err
				}
				return c.RespondText("ok")
			})
			nest(r, layers, func(r *routing.Route) {
				r.Get("/protected", handler)
				r.Post("/protected", handler)
			})
		})
	}
}

// loggedIn returns a client with a session of its own.
func loggedIn(t *testing.T, host *apptest.Host, name string) *apptest.Client {
	t.Helper()
	client := host.NewClient(apptest.Cookies())
	require.Equal(t, "ok", apptest.Text(t, client.Get("/set-session/"+name)))
	return client
}

func assertText(t *testing.T, status int, text string, response *http.Response) {
	t.Helper()
	assert.Equal(t, status, response.StatusCode)
	assert.Equal(t, text, apptest.Text(t, response))
}

func TestKtorMapPrincipalTest_sessions(t *testing.T) {
	t.Parallel()
	mapped := func(name string) (*sessions.Handle[UserSession], *authentication.Scheme[Label], app.Handler) {
		handle, users := bySession(name)
		labels := authentication.Map(users, func(_ *app.Call, user User) (Label, error) { return Label{user.Name}, nil })
		return handle, labels, func(c *app.Call) error {
			value, _, err := handle.Get(c)
			if err != nil {
				return err
			}
			return c.RespondText(fmt.Sprintf("%s:%d:%s", value.Name, value.Visits, labels.Principal(c).Text))
		}
	}
	t.Run("mapped session scheme keeps session helpers and transport", func(t *testing.T) {
		t.Parallel()
		handle, labels, handler := mapped("mapped-session")
		host := apptest.Start(t, visitedBy(handle, handler, authentication.Require(labels)))
		assertText(t, 401, "Unauthorized", host.Get("/protected"))
		assertText(t, 200, "Alice:2:Alice", loggedIn(t, host, "Alice").Get("/protected"))
		assertText(t, 401, "Unauthorized", loggedIn(t, host, "blocked").Get("/protected"))
	})
	// Other: CSRF is a plugin beside, and refuses with 403.
	t.Run("mapped session scheme retains csrf preinstallation", func(t *testing.T) {
		t.Parallel()
		handle, labels, handler := mapped("mapped-csrf-session")
		forgeries := csrf.Plugin.With(func(c *csrf.Config) {
			c.RequireOrigin = true
			c.AllowOrigin("https://localhost:8080")
		})
		host := apptest.Start(t, visitedBy(handle, handler, forgeries, authentication.Require(labels)))
		alice := loggedIn(t, host, "Alice")
		assert.Equal(t, http.StatusForbidden, alice.Post("/protected", "text/plain", http.NoBody).StatusCode)
		assertText(t, 200, "Alice:2:Alice", alice.Post("/protected", "text/plain", http.NoBody, apptest.Header("Origin", "https://localhost:8080")))
	})
	t.Run("mapped session scheme still requires Sessions before typed route", func(t *testing.T) {
		t.Parallel()
		_, labels, handler := mapped("mapped-missing-session")
		err := apptest.StartError(t, guarded(handler, authentication.Require(labels)))
		assert.ErrorContains(t, err, `scheme "mapped-missing-session": use session mapped-missing-session: the plugin Sessions is not installed there`)
	})
	t.Run("mapped session scheme with roles grants forbids and rejects", func(t *testing.T) {
		t.Parallel()
		handle, users := bySession("mapped-session-roles")
		labels := authentication.Map(users, func(_ *app.Call, user User) (Label, error) { return Label{user.Name}, nil })
		admins := withRoles(authentication.Map(labels, func(_ *app.Call, l Label) (User, error) { return User{l.Text}, nil }), "Admin")
		host := apptest.Start(t, visitedBy(handle, func(c *app.Call) error {
			value, _, err := handle.Get(c)
			if err != nil {
				return err
			}
			official := admins.Principal(c)
			return c.RespondText(value.Name + ":" + official.Name + ":" + official.Roles)
		}, authentication.Require(admins)))
		assertText(t, 200, "admin:admin:Admin,User", loggedIn(t, host, "admin").Get("/protected"))
		assertText(t, 403, "Forbidden", loggedIn(t, host, "user").Get("/protected"))
		assertText(t, 401, "Unauthorized", host.Get("/protected"))
	})
}

func TestKtorMultipleSchemeTest_sessions(t *testing.T) {
	t.Parallel()
	t.Run("anyOf accepts session or basic authentication", func(t *testing.T) {
		t.Parallel()
		handle, users := bySession("anyof-mixed-session")
		anyOf := authentication.AnyOf("mixed", byPassword("anyof-mixed-basic", anybody), users)
		host := apptest.Start(t, visitedBy(handle, nameOf(anyOf), authentication.Require(anyOf)))
		assertText(t, 200, "alice", host.Get("/protected", credentials("alice:pass")))
		assertText(t, 200, "bob", loggedIn(t, host, "bob").Get("/protected"))
		assertText(t, 401, "Unauthorized", host.Get("/protected"))
	})
}

func TestKtorAuthenticationSchemeWithRolesTest_sessions(t *testing.T) {
	t.Parallel()
	t.Run("test role-based authentication with session flow", func(t *testing.T) {
		t.Parallel()
		handle, users := bySession("session-role-scheme")
		admins := withRoles(users, "Admin")
		host := apptest.Start(t, visitedBy(handle, func(c *app.Call) error {
			return c.RespondText(admins.Principal(c).Name + ":" + admins.Principal(c).Roles)
		}, authentication.Require(admins)))
		assertText(t, 200, "admin:Admin,User", loggedIn(t, host, "admin").Get("/protected"))
		assertText(t, 403, "Forbidden", loggedIn(t, host, "user").Get("/protected"))
		assertText(t, 401, "Unauthorized", loggedIn(t, host, "blocked").Get("/protected"))
		assertText(t, 401, "Unauthorized", host.Get("/protected"))
	})
}
