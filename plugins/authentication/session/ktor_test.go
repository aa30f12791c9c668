package session_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// Ktor's SessionAuthTest.
func TestKtorSessionAuthTest(t *testing.T) {
	t.Run("testSessionOnly", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t)
			assert.Equal(t, http.StatusUnauthorized, browser(host).Get("/me").StatusCode)
			ann := loggedIn(host, "ann")
			assert.Equal(t, http.StatusOK, ann.Get("/me").StatusCode)
			assert.Equal(t, http.StatusOK, ann.Get("/logout").StatusCode)
			assert.Equal(t, http.StatusUnauthorized, ann.Get("/me").StatusCode)
		})
	})
	// A form inside of a session; who has no session gets the form's redirect.
	t.Run("testSessionAndForm", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			outer := users(func(c *config) { c.LoginPath = "/login" })
			inner := authentication.New("f", authentication.Provider[User]{
				Authenticate: func(*app.Call) (User, error) { return User{}, authentication.ErrNoCredentials },
			})
			host := apptest.Start(t, func(a *app.Application) {
				site(outer, sessions.NewMemory())(a)
				routing.Routes(a, func(r *routing.Route) {
					r.Group(func(r *routing.Route) {
						r.Install(authentication.Require(outer))
						r.Get("/nested", func(c *app.Call) error { return c.RespondText("Secret info") }).
							Install(authentication.Require(inner))
					})
				})
			})
			assert.Equal(t, http.StatusFound, browser(host).Get("/nested").StatusCode)
			// Ktor lets in whom either knows: its inner one does not count any more.
			assert.Equal(t, http.StatusUnauthorized, loggedIn(host, "ann").Get("/nested").StatusCode)
		})
	})
	t.Run("testSessionWithEmptyValidateRespondsWith401", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			assert.Equal(t, http.StatusUnauthorized, start(t).Get("/me").StatusCode)
		})
	})
}

// Ktor's SessionAuthDeferredTest, sessionIgnoredForNonPublicEndpoints.
func TestKtorSessionAuthDeferredTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		storage := &failing{Storage: sessions.NewMemory()}
		host := apptest.Start(t, site(users(), storage))
		ann := loggedIn(host, "ann")
		storage.down = true
		assert.Equal(t, http.StatusOK, ann.Get("/public").StatusCode)
		assert.Equal(t, http.StatusInternalServerError, ann.Get("/me").StatusCode)
	})
}

// Ktor's SessionAuthenticationSchemeTest.
func TestKtorSessionAuthenticationSchemeTest(t *testing.T) {
	missing := func(want string, guard app.Installable, others ...app.Installable) func(*testing.T) {
		return func(t *testing.T) {
			var site app.Site
			err := apptest.StartError(t, func(a *app.Application) {
				for _, plugin := range others {
					a.Install(plugin)
				}
				routing.Routes(a, func(r *routing.Route) {
					r.Group(func(r *routing.Route) {
						site = app.Caller(0)
						r.Install(guard)
						r.Get("/protected", func(c *app.Call) error { return c.RespondText("let in") })
					})
				})
			})
			site.Line++
			assert.ErrorContains(t, err, site.String()+`: install Authentication: scheme "`)
			assert.ErrorContains(t, err, "use session user_session: "+want)
		}
	}
	t.Run("session scheme authenticates and rejects", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t)
			assert.Equal(t, http.StatusUnauthorized, host.Get("/me").StatusCode)
			assertText(t, loggedIn(host, "Alice").Get("/me"), http.StatusOK, "Alice@test.com")
		})
	})
	t.Run("session scheme updates and clears typed session", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			alice := loggedIn(start(t), "Alice")
			assertText(t, alice.Get("/touch"), http.StatusOK, "Alice:1")
			assertText(t, alice.Get("/touch"), http.StatusOK, "Alice:2")
			assertText(t, alice.Get("/rename?name=bob"), http.StatusOK, "Alice@test.com:bob")
			assertText(t, alice.Get("/touch"), http.StatusOK, "bob:3")
			assertText(t, alice.Get("/logout"), http.StatusOK, "bye")
			assert.Equal(t, http.StatusUnauthorized, alice.Get("/touch").StatusCode)
		})
	})
	t.Run("session scheme transforms session before principal resolution", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			alice := loggedIn(start(t, func(c *config) {
				validate := c.Validate
				c.Validate = func(c *app.Call, s UserSession) (User, error) {
					s.Visits += 10
					if err := sessionOf.Set(c, s); err != nil {
						return User{}, err
					}
					return validate(c, s)
				}
			}), "Alice")
			assertText(t, alice.Get("/touch"), http.StatusOK, "Alice:11")
			assertText(t, alice.Get("/touch"), http.StatusOK, "Alice:22")
		})
	})
	t.Run("optional session route exposes null sessionOrNull without session", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t)
			assertText(t, host.Get("/maybe"), http.StatusOK, "false")
			assertText(t, loggedIn(host, "Alice").Get("/maybe"), http.StatusOK, "Alice@test.com true")
		})
	})
	const absent = "the plugin Sessions is not installed there"
	t.Run("session scheme requires Sessions to be installed before typed route", missing(absent, authentication.Require(users())))
	t.Run("session scheme requires Sessions before optional typed route", missing(absent, authentication.Optional(users())))
	roles := authentication.Map(users(), func(_ *app.Call, u User) (User, error) { return u, nil })
	t.Run("session scheme requires Sessions before role typed route", missing(absent, authentication.Require(roles)))
	anyOf := authentication.AnyOf("any", users(), users())
	t.Run("session scheme requires Sessions before any-of typed route", missing(absent, authentication.Require(anyOf)))
	other := sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(sessions.New[UserSession]("other-session"), func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
	})
	t.Run("session scheme requires matching Sessions provider before typed route",
		missing("the plugin Sessions does not have it there", authentication.Require(users()), other))
}
