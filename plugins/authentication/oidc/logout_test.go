package oidc_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oidc"
	"github.com/chitor-go/chitor/plugins/authentication/oidc/oidctest"
	"github.com/chitor-go/chitor/routing"
)

// withLogout has logouts, which end what is no session but a token.
func withLogout(c *config) {
	c.LogoutPath, c.AfterLogout = "/logout", "http://localhost/bye"
	c.OnLogout = func(*app.Call) (string, error) { return "the ID token", nil }
}

func TestLogout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, withLogout)
		browser := s.browser()
		assert.Equal(t, http.StatusMethodNotAllowed, browser.Get("/logout").StatusCode, "an image of another site")
		response := browser.Post("/logout", "text/plain", nil)
		assert.Equal(t, http.StatusSeeOther, response.StatusCode)
		assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
		page := location(t, response)
		assert.True(t, strings.HasPrefix(page, issuer+"/logout?"), page)
		assert.Equal(t, url.Values{
			"client_id": {"client"}, "id_token_hint": {"the ID token"}, "post_logout_redirect_uri": {"http://localhost/bye"},
		}, query(t, page))
		assert.Equal(t, "http://localhost/bye", location(t, browser.Get(page)))
		assert.False(t, s.id.LoggedIn())
	})
}

// Whoever wants to leave has left here, whatever the provider does.
func TestLogoutWithoutTheProvider(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*config)
		status    int
		location  string
	}{
		"down":                     {func(*config) {}, 303, "http://localhost/bye"},
		"down, and no AfterLogout": {func(c *config) { c.AfterLogout = "" }, 303, "/"},
		"OnLogout fails": {func(c *config) {
			c.OnLogout = func(*app.Call) (string, error) { return "", app.NewError(http.StatusConflict, "") }
		}, 409, ""},
		"OnLogout answers": {func(c *config) {
			c.OnLogout = func(c *app.Call) (string, error) { return "", c.RespondText("bye") }
		}, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, withLogout, test.configure)
				s.id.Break(http.StatusServiceUnavailable)
				s.Start(s.module)
				response := s.browser().Post("/logout", "text/plain", nil)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.location, response.Header.Get("Location"))
				assertSilent(t, s)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := start(t, withLogout, func(c *config) {
			c.AfterLogout = ""
			c.OnLogout = func(*app.Call) (string, error) { return "", nil }
		})
		assert.Equal(t, issuer+"/logout?client_id=client", location(t, s.browser().Post("/logout", "text/plain", nil)))
	})
}

func TestBackChannelLogout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended []oidc.Logout
		s := start(t, func(c *config) {
			c.BackChannelPath = "/ended"
			c.OnBackChannelLogout = func(_ *app.Call, logout *oidc.Logout) error { ended = append(ended, *logout); return nil }
		})
		send := func(token string) *http.Response {
			form := url.Values{"logout_token": {token}}.Encode()
			return s.Post("/ended", "application/x-www-form-urlencoded", strings.NewReader(form))
		}
		for _, want := range []oidc.Logout{{Subject: "ann"}, {SessionID: "session"}, {Subject: "ann", SessionID: "session"}} {
			token, err := s.id.LogoutToken(want.Subject, want.SessionID)
			require.NoError(t, err)
			response := send(token)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
			assert.Equal(t, want, ended[len(ended)-1])
		}
		assert.Len(t, ended, 3)

		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
		foreign, err := oidctest.New(issuer).LogoutToken("ann", "")
		require.NoError(t, err)
		nobody, err := s.id.LogoutToken("", "")
		require.NoError(t, err)
		old, err := s.id.LogoutToken("ann", "")
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		for name, token := range map[string]string{
			"none": "", "nonsense": "x", "an ID token": s.login.IDToken, "a foreign key": foreign, "of nobody": nobody, "old": old,
		} {
			assertText(t, send(token), http.StatusBadRequest, "the logout token is not valid")
			assert.Len(t, ended, 3, name)
		}
		assert.Equal(t, http.StatusUnsupportedMediaType, s.Post("/ended", "text/plain", strings.NewReader("x")).StatusCode)
		assertSilent(t, s)
	})
}

// Keys that cannot be read: the provider has to send it again.
func TestBackChannelLogoutWithoutKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, func(c *config) {
			c.BackChannelPath = "/ended"
			c.OnBackChannelLogout = func(*app.Call, *oidc.Logout) error { return nil }
		})
		s.id.Break(http.StatusServiceUnavailable)
		s.Start(s.module)
		token, err := s.id.LogoutToken("ann", "")
		require.NoError(t, err)
		form := url.Values{"logout_token": {token}}.Encode()
		response := s.Post("/ended", "application/x-www-form-urlencoded", strings.NewReader(form))
		assert.Equal(t, http.StatusBadGateway, response.StatusCode)
	})
}

func TestMistakes(t *testing.T) {
	for want, configure := range map[string]func(c *config){
		`the issuer is ""`:                   func(c *config) { c.Issuer = "" },
		`the issuer is "http://id.example"`:  func(c *config) { c.Issuer = "http://id.example" },
		`the issuer is "https://id.example?`: func(c *config) { c.Issuer = "https://id.example?x=1" },
		"ClientID is empty":                  func(c *config) { c.ClientID = "" },
		"OnLogin is nil":                     func(c *config) { c.OnLogin = nil },
		"OnLogout is nil":                    func(c *config) { c.LogoutPath = "/logout" },
		`AfterLogout is "/bye"`:              func(c *config) { c.AfterLogout = "/bye" },
		`AfterLogout is "//shop.example"`:    func(c *config) { c.AfterLogout = "//shop.example" },
		`AfterLogout is "script://x/"`:       func(c *config) { c.AfterLogout = "script://x/" },
		"OnBackChannelLogout is nil":         func(c *config) { c.BackChannelPath = "/ended" },
		`the RedirectURL is ""`:              func(c *config) { c.RedirectURL = "" },
		"the time-out is -1ns":               func(c *config) { c.Timeout = -1 },
	} {
		var site app.Site
		provider := oidc.New("test", func(c *config) { standard(c); configure(c) })
		err := apptest.StartError(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				site = app.Caller(0)
				provider.Routes(r)
			})
		})
		site.Line++
		assert.ErrorContains(t, err, site.String()+": login by test: ")
		assert.ErrorContains(t, err, want)
	}
	provider := oidc.New[Claims]("test", nil)
	err := apptest.StartError(t, func(a *app.Application) { routing.Routes(a, provider.Routes) })
	assert.ErrorContains(t, err, "the configuration function is nil")
}
