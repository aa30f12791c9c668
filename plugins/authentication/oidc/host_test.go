package oidc_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oidc"
	"github.com/chitor-go/chitor/plugins/authentication/oidc/oidctest"
	"github.com/chitor-go/chitor/routing"
)

const issuer = "https://id.example"

// Claims are those of the tests.
type Claims struct {
	Subject string `json:"sub"`
	Email   string `json:"email"`
	Team    string `json:"team"`
}

type config = oidc.Config[Claims]

// site is an application with a login, and its provider, where ann is logged in.
type site struct {
	*apptest.Host

	id       *oidctest.Provider
	provider *oidc.Provider[Claims]
	login    *oidc.Login[Claims] // the last one
}

// newSite returns a site that has not started.
func newSite(t *testing.T, configure ...func(*config)) *site {
	t.Helper()
	s := &site{id: oidctest.New(issuer)}
	s.id.LogIn("ann", map[string]any{"email": "ann@example.org"})
	s.Host = apptest.New(t, apptest.ExternalService(issuer, s.id.Module))
	s.provider = oidc.New("test", func(c *config) {
		standard(c)
		c.Client = s.Client()
		c.OnLogin = func(c *app.Call, login *oidc.Login[Claims]) error {
			s.login = login
			return c.RespondText(login.Claims.Email)
		}
		for _, change := range configure {
			change(c)
		}
	})
	return s
}

func (s *site) module(a *app.Application) { routing.Routes(a, s.provider.Routes) }

func start(t *testing.T, configure ...func(*config)) *site {
	t.Helper()
	s := newSite(t, configure...)
	s.Start(s.module)
	return s
}

func standard(c *config) {
	c.Issuer = issuer
	c.ClientID, c.ClientSecret = oidctest.ClientID, oidctest.ClientSecret
	c.RedirectURL = "http://localhost/callback"
	c.OnLogin = func(*app.Call, *oidc.Login[Claims]) error { return nil }
}

// browser returns a client that keeps cookies and follows no redirect.
func (s *site) browser() *apptest.Client {
	return s.NewClient(apptest.Cookies(), apptest.NoRedirects())
}

// logIn follows a browser to the provider and back, and returns what the callback
// answers.
func logIn(t *testing.T, browser *apptest.Client) *http.Response {
	t.Helper()
	return browser.Get(toCallback(t, browser))
}

// toCallback follows a browser to the provider, and returns where it is sent back
// to.
func toCallback(t *testing.T, browser *apptest.Client) string {
	t.Helper()
	return location(t, browser.Get(location(t, browser.Get("/login"))))
}

func location(t *testing.T, response *http.Response) string {
	t.Helper()
	require.Contains(t, []int{http.StatusFound, http.StatusSeeOther}, response.StatusCode)
	return response.Header.Get("Location")
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	return parsed.Query()
}

func assertText(t *testing.T, response *http.Response, status int, text string) {
	t.Helper()
	assert.Equal(t, status, response.StatusCode)
	assert.Equal(t, text, apptest.Text(t, response))
}

// assertSilent asserts that nothing of the provider's texts and of the secrets is
// in the log.
func assertSilent(t *testing.T, s *site) {
	t.Helper()
	for _, record := range s.Log() {
		for _, hidden := range []string{"the provider's own text", oidctest.ClientSecret, "eyJ"} {
			assert.NotContains(t, record.String(), hidden)
		}
	}
}
