package oidctest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oidc"
	"github.com/chitor-go/chitor/plugins/authentication/oidc/oidctest"
	"github.com/chitor-go/chitor/routing"
)

// A login in a test of one's own.
func Example() {
	test := func(t *testing.T) {
		type Claims struct{ Email string }
		provider := oidctest.New("https://id.example")
		provider.LogIn("ann", map[string]any{"email": "ann@example.org"})
		host := apptest.New(t, apptest.ExternalService(provider.Issuer(), provider.Module))
		login := oidc.New("id", func(c *oidc.Config[Claims]) {
			c.Issuer = provider.Issuer()
			c.ClientID, c.ClientSecret = oidctest.ClientID, oidctest.ClientSecret
			c.RedirectURL = host.URL + "/callback"
			c.Client = host.Client()
			c.OnLogin = func(c *app.Call, login *oidc.Login[Claims]) error { return c.RespondText(login.Claims.Email) }
		})
		host.Start(func(a *app.Application) { routing.Routes(a, login.Routes) })
		browser := host.NewClient(apptest.Cookies())
		require.Equal(t, "ann@example.org", apptest.Text(t, browser.Get("/login")))
	}
	_ = test
	// Output:
}

// What a client must not get away with.
func TestStrictness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := oidctest.New("https://id.example/realm")
		provider.LogIn("ann", nil)
		host := apptest.New(t, apptest.ExternalService("https://id.example", provider.Module))
		host.Start(func(a *app.Application) { routing.Routes(a, func(*routing.Route) {}) })
		browser := host.NewClient(apptest.NoRedirects())
		right := func() url.Values {
			return url.Values{
				"client_id": {oidctest.ClientID}, "redirect_uri": {"http://localhost/callback"}, "response_type": {"code"}, "scope": {"openid"},
				// The example of RFC 7636 appendix B.
				"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"}, "state": {"state"},
			}
		}
		authorize := func(change func(url.Values)) (int, url.Values) {
			values := right()
			change(values)
			response := browser.Get("https://id.example/realm/authorize?" + values.Encode())
			back, err := url.Parse(response.Header.Get("Location"))
			require.NoError(t, err)
			return response.StatusCode, back.Query()
		}
		for want, change := range map[string]func(url.Values){
			"unsupported_response_type": func(v url.Values) { v.Set("response_type", "token") },
			"invalid_request":           func(v url.Values) { v.Del("code_challenge") },
		} {
			_, answer := authorize(change)
			assert.Equal(t, want, answer.Get("error"))
		}
		status, _ := authorize(func(v url.Values) { v.Set("client_id", "other") })
		assert.Equal(t, http.StatusBadRequest, status)

		scope := "openid"
		token := func(change func(url.Values)) int {
			_, answer := authorize(func(v url.Values) { v.Set("scope", scope) })
			values := url.Values{
				"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {"http://localhost/callback"},
				"client_id": {oidctest.ClientID}, "client_secret": {oidctest.ClientSecret},
				"code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
			}
			change(values)
			response := browser.Post("https://id.example/realm/token", "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
			given := strings.Contains(apptest.Text(t, response), `"id_token":`)
			assert.Equal(t, response.StatusCode == http.StatusOK && scope == "openid", given)
			return response.StatusCode
		}
		assert.Equal(t, http.StatusOK, token(func(url.Values) {}))
		assert.Equal(t, http.StatusUnauthorized, token(func(v url.Values) { v.Set("client_secret", "wrong") }))
		assert.Equal(t, http.StatusBadRequest, token(func(v url.Values) { v.Del("code_verifier") }))
		assert.Equal(t, http.StatusBadRequest, token(func(v url.Values) { v.Set("redirect_uri", "http://localhost/other") }))
		assert.Equal(t, http.StatusBadRequest, token(func(v url.Values) { v.Set("code", "other") }))
		scope = "profile" // plain OAuth 2.0
		assert.Equal(t, http.StatusOK, token(func(url.Values) {}))
		assert.Equal(t, http.StatusUnauthorized, browser.Get("https://id.example/realm/userinfo").StatusCode)
	})
}
