package main

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oidc/oidctest"
)

// start starts the application with a provider of the test's own.
func start(t *testing.T) (*apptest.Host, *oidctest.Provider) {
	t.Helper()
	provider := oidctest.New("https://id.example")
	provider.LogIn("1", map[string]any{"name": "JetBrains"})
	host := apptest.New(t, apptest.ExternalService(provider.Issuer(), provider.Module))
	host.Start(Greeting(Provider{
		Settings: oauth2.Config{
			ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, RedirectURL: host.URL + "/callback",
			Endpoint: oauth2.Endpoint{AuthURL: provider.Issuer() + "/authorize", TokenURL: provider.Issuer() + "/token"},
			Scopes:   []string{"profile"},
		},
		UserInfo: provider.Issuer() + "/userinfo",
		Client:   host.Client(),
	}))
	return host, provider
}

// Ktor's ApplicationTest sets the session itself; here the browser goes all the
// way.
func TestHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, _ := start(t)
		browser := host.NewClient(apptest.Cookies())
		assert.Contains(t, apptest.Text(t, browser.Get("/")), "Login with Google")
		assert.Equal(t, "Hello, JetBrains!", apptest.Text(t, browser.Get("/hello")), "it returns to where it was")
		assert.Equal(t, "Hello, JetBrains! Welcome home!", apptest.Text(t, browser.Get("/login")))
		assert.Equal(t, "Hello, JetBrains! Welcome home!", apptest.Text(t, browser.Get("/home")))
		time.Sleep(time.Hour) // the token is over, and is refreshed
		assert.Equal(t, "Hello, JetBrains!", apptest.Text(t, browser.Get("/hello")))
		time.Sleep(time.Hour) // and so is the one that was saved
		assert.Equal(t, "Hello, JetBrains!", apptest.Text(t, browser.Get("/hello")))
	})
}

func TestLoginThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, provider := start(t)
		provider.LogOut()
		browser := host.NewClient(apptest.Cookies())
		assert.Equal(t, "Redirected after fallback", apptest.Text(t, browser.Get("/login")))
		response := browser.Get("/callback?code=x&state=of-nobody")
		assert.Equal(t, http.StatusForbidden, response.StatusCode)
		assert.Equal(t, "The login has failed.", apptest.Text(t, response))
	})
}
