package docs_test

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// UserSession is what the page keeps.
type UserSession struct {
	UserID string
	Cart   []string
}

var logins = sessions.New("user_session", func(o *sessions.Options[UserSession]) {
	o.Owner = func(u UserSession) string { return u.UserID }
})

var carts = sessions.New[[]string]("cart_session")

var errPassword = app.NewError(http.StatusUnauthorized, "wrong name or password")

func checkPassword(c *app.Call) (string, error) {
	name, password, _ := c.Request.BasicAuth()
	if password != "secret" {
		return "", errPassword
	}
	return name, nil
}

func sessionsPage(a *app.Application) {
	a.Install(sse.Plugin)
	signKey, err := hex.DecodeString(os.Getenv("SESSION_KEY"))
	if err != nil {
		a.Fail(errors.New("SESSION_KEY is not hexadecimal"))
		return
	}
	storage := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions, c.MaxBytes = 10_000, 32<<20 })
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(logins, func(c *sessions.CookieConfig) {
			c.Storage = storage
			c.MaxAge = 12 * time.Hour
		})
		c.Cookie(carts, func(c *sessions.CookieConfig) { c.Sign(signKey) })
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Post("/login", func(c *app.Call) error {
			id, err := checkPassword(c)
			if err != nil {
				return err
			}
			if err := logins.RenewID(c); err != nil { // whoever has planted the old ID has nothing
				return err
			}
			if err := logins.Set(c, UserSession{UserID: id}); err != nil {
				return err
			}
			return c.RespondStatus(http.StatusNoContent)
		})
		r.Get("/me", func(c *app.Call) error {
			user, ok, err := logins.Get(c)
			if err != nil {
				return err
			}
			if !ok {
				return app.NewError(http.StatusUnauthorized, "log in")
			}
			return c.RespondText(user.UserID)
		})
		r.Post("/logout", func(c *app.Call) error {
			if err := logins.Clear(c); err != nil {
				return err
			}
			return c.RespondStatus(http.StatusNoContent)
		})
		r.Post("/password", func(c *app.Call) error {
			user, _, err := logins.Get(c)
			if err != nil {
				return err
			}
			if err := logins.ClearOwner(c, user.UserID); err != nil { // on all devices
				return err
			}
			return logins.Set(c, user) // but for this one, under a new ID
		})
		r.SSE("/events", func(s *sse.Session) error {
			for {
				alive, err := logins.Alive(s.Call())
				if err != nil || !alive {
					return err
				}
				if err := s.SendText("still there"); err != nil {
					return err
				}
				if err := s.Delay(10 * time.Second); err != nil {
					return err
				}
			}
		})
		r.Put("/cart/{item}", func(c *app.Call) error {
			cart, _, err := carts.Get(c)
			if err != nil {
				return err
			}
			if err := carts.Set(c, append(cart, c.PathParam("item"))); err != nil {
				return err
			}
			return c.RespondStatus(http.StatusNoContent)
		})
	})
}

// rotating puts a new key in front of an old one.
func rotating(c *sessions.CookieConfig, newKey, oldKey []byte) {
	c.Sign(newKey, oldKey)
}

// hardened is what a cookie can have that never leaves by http.
func hardened(a *app.Application, storage sessions.Storage) {
	admins := sessions.New[UserSession]("__Host-admin")
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(admins, func(c *sessions.CookieConfig) {
			c.Storage = storage
			c.Secure = sessions.SecureAlways
			c.SameSite = http.SameSiteStrictMode
			c.MaxAge, c.Lifetime = 30*time.Minute, 8*time.Hour
		})
	}))
}

// inFiles keeps sessions over a restart.
func inFiles(a *app.Application) {
	storage, err := sessions.OpenDirectory("sessions")
	if err != nil {
		a.Fail(err)
		return
	}
	a.OnStop(func(context.Context) error { return storage.Close() })
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Header(carts, func(c *sessions.HeaderConfig) { c.Storage = storage })
	}))
}

func TestSessionsPage(t *testing.T) {
	t.Setenv("SESSION_KEY", strings.Repeat("0123456789abcdef", 4))
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, sessionsPage)
		client, other := host.NewClient(apptest.Cookies()), host.NewClient(apptest.Cookies())
		login := func(r *http.Request) { r.SetBasicAuth("alice", "secret") }
		assert.Equal(t, http.StatusUnauthorized, client.Get("/me").StatusCode)
		assert.Equal(t, http.StatusUnauthorized, client.Do(http.MethodPost, "/login", nil).StatusCode)
		for _, device := range []*apptest.Client{client, other} {
			assert.Equal(t, http.StatusNoContent, device.Do(http.MethodPost, "/login", nil, login).StatusCode)
			assert.Equal(t, "alice", apptest.Text(t, device.Get("/me")))
		}
		assert.Equal(t, http.StatusNoContent, client.Do(http.MethodPut, "/cart/x", nil).StatusCode)
		stream := client.Get("/events")
		client.Do(http.MethodPost, "/password", nil)
		assert.Equal(t, "alice", apptest.Text(t, client.Get("/me")))
		assert.Equal(t, http.StatusUnauthorized, other.Get("/me").StatusCode)
		assert.Equal(t, "data: still there\r\n\r\n", apptest.Text(t, stream), "the ID of the stream is gone")
		assert.Equal(t, http.StatusNoContent, client.Do(http.MethodPost, "/logout", nil).StatusCode)
		assert.Equal(t, http.StatusUnauthorized, client.Get("/me").StatusCode)
	})
}

func TestSessionsPageConfigurations(t *testing.T) {
	t.Chdir(t.TempDir())
	apptest.Start(t, inFiles)
	apptest.Start(t, func(a *app.Application) { hardened(a, sessions.NewMemory()) })
	oldKey, newKey := []byte(strings.Repeat("old key ", 4)), []byte(strings.Repeat("new key ", 4))
	require.NoError(t, apptest.StartError(t, func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(carts, func(c *sessions.CookieConfig) { rotating(c, newKey, oldKey) })
		}))
	}))
}
