package oauth_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

type oauthSession struct{ AccessToken string }

var current = sessions.New[oauthSession]("current")

// withSessions starts an application whose logins set a session, which its route
// /protected asks for.
func withSessions(t *testing.T, configure ...func(*oauth.Config)) *site {
	t.Helper()
	s := &site{provider: &tokenServer{answer: gives}}
	s.Host = apptest.New(t, apptest.ExternalService(provider, s.provider.module))
	s.flow = oauth.New("test-oauth", func(c *oauth.Config) {
		standard(c)
		c.Client = s.Client()
		c.OnLogin = func(c *app.Call, login *oauth.Login) error {
			if err := current.RenewID(c); err != nil {
				return err
			}
			return current.Set(c, oauthSession{login.Token.AccessToken})
		}
		for _, change := range configure {
			change(c)
		}
	})
	users := session.New("users", current, func(c *session.Config[oauthSession, string]) {
		c.Validate = func(_ *app.Call, s oauthSession) (string, error) { return s.AccessToken + ":session", nil }
	})
	s.Start(func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(current, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
		}))
		routing.Routes(a, func(r *routing.Route) {
			s.flow.Routes(r)
			r.Get("/protected", func(c *app.Call) error { return c.RespondText(users.Principal(c)) }).
				Install(authentication.Require(users))
		})
	})
	return s
}

// What Ktor's OAuthFlowTest asks of a flow with sessions.
func TestKtorOAuthFlowTest_sessions(t *testing.T) {
	t.Run("oauth callback creates session and protects routes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withSessions(t)
			browser := s.browser()
			state := begin(t, browser, "/login?return_to=/protected").Get("state")
			response := browser.Get(answer("code", "my_token", "state", state))
			assert.Equal(t, http.StatusSeeOther, response.StatusCode)
			assert.Equal(t, "/protected", response.Header.Get("Location"))
			assertText(t, browser.Get("/protected"), http.StatusOK, "token of my_token:session")
		})
	})
	t.Run("missing session returns 401", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			assert.Equal(t, http.StatusUnauthorized, withSessions(t).Get("/protected").StatusCode)
		})
	})
	t.Run("missing validate throws", func(t *testing.T) {
		scheme := session.New("google", current, func(*session.Config[oauthSession, string]) {})
		err := apptest.StartError(t, func(a *app.Application) { a.Install(authentication.Require(scheme)) })
		require.ErrorContains(t, err, "the function Validate is nil")
	})
	t.Run("oauth callback does not persist session when principal resolution fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withSessions(t, func(c *oauth.Config) {
				c.Check = func(*app.Call, *oauth.Login) error {
					return fmt.Errorf("nobody: %w", authentication.ErrInvalidCredentials)
				}
				c.OnFailure = func(c *app.Call, _ error) error { return c.RespondText("failed") }
			})
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			assertText(t, browser.Get(answer("code", "my_token", "state", state)), http.StatusOK, "failed")
			assert.Equal(t, http.StatusUnauthorized, browser.Get("/protected").StatusCode)
		})
	})
}
