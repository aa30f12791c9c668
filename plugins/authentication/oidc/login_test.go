package oidc_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/plugins/authentication/oidc"
	"github.com/chitor-go/chitor/plugins/authentication/oidc/oidctest"
	"github.com/chitor-go/chitor/routing"
)

func TestLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *config) { c.Scopes = []string{"email"} })
		browser := s.browser()
		asked := query(t, location(t, browser.Get("/login?return_to=/cart")))
		assert.Equal(t, "openid email", asked.Get("scope"))
		assert.NotEmpty(t, asked.Get("nonce"))
		assertText(t, logIn(t, browser), http.StatusOK, "ann@example.org")
		assert.Equal(t, "ann", s.login.Subject)
		assert.Equal(t, Claims{Subject: "ann", Email: "ann@example.org"}, s.login.Claims)
		assert.Equal(t, oidctest.SessionID, s.login.SessionID)
		assert.Equal(t, "/", s.login.ReturnTo)
		assert.Equal(t, "Bearer", s.login.Token.Type())
		assert.Len(t, strings.Split(s.login.IDToken, "."), 3)
		assert.Equal(t, "login that returns to /", fmt.Sprintf("%v", s.login))
		assert.Equal(t, "login that returns to /", fmt.Sprintf("%#v", s.login))
		assert.Equal(t, "login that returns to /", s.login.LogValue().String())
	})
}

// What is read of the provider is kept.
func TestDocumentsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		count := func(path string) (n int) {
			for _, asked := range s.id.Requests() {
				if asked == path {
					n++
				}
			}
			return n
		}
		for range 3 {
			assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
		}
		assert.Equal(t, 1, count("/.well-known/openid-configuration"))
		assert.Equal(t, 1, count("/keys"))
		time.Sleep(25 * time.Hour)
		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
		assert.Equal(t, 2, count("/.well-known/openid-configuration"))
		assert.Equal(t, 2, count("/keys"))
	})
}

// ID tokens that are not what they should be, and what is said about them.
func TestTokensThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		tamper  func(claims map[string]any)
		replace func(claims map[string]any) string
		cause   string
	}{
		"another client":         {func(c map[string]any) { c["aud"] = "other" }, nil, `expected audience "client" got ["other"]`},
		"several clients":        {func(c map[string]any) { c["aud"] = []string{"client", "other"} }, nil, "it is for several clients"},
		"made for another":       {func(c map[string]any) { c["aud"], c["azp"] = []string{"client", "other"}, "other" }, nil, "made for another client"},
		"azp alone":              {func(c map[string]any) { c["azp"] = "other" }, nil, "made for another client"},
		"another issuer":         {func(c map[string]any) { c["iss"] = "https://evil.example" }, nil, "issued by a different provider"},
		"no nonce":               {func(c map[string]any) { delete(c, "nonce") }, nil, "its nonce is that of another login"},
		"another nonce":          {func(c map[string]any) { c["nonce"] = "other" }, nil, "its nonce is that of another login"},
		"no subject":             {func(c map[string]any) { delete(c, "sub") }, nil, "it has no subject"},
		"over":                   {func(c map[string]any) { c["exp"] = time.Now().Add(-time.Second).Unix() }, nil, "expired"},
		"without an end":         {func(c map[string]any) { delete(c, "exp") }, nil, "expired"},
		"not yet":                {func(c map[string]any) { c["nbf"] = time.Now().Add(time.Hour).Unix() }, nil, "not before"},
		"another access token":   {func(c map[string]any) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }, nil, "another access token"},
		"claims of another type": {func(c map[string]any) { c["email"] = 7 }, nil, "its claims are no oidc_test.Claims"},
		"azp of another type":    {func(c map[string]any) { c["azp"] = 7 }, nil, "are no texts"},
		"no token":               {nil, func(map[string]any) string { return "" }, "there is no ID token"},
		"nonsense":               {nil, func(map[string]any) string { return "x.y.z" }, "malformed jwt"},
		"alg none":               {nil, unsigned, "malformed jwt"},
		"HS256 with what all know": {nil, func(c map[string]any) string {
			return signedWith(t, jose.HS256, []byte(oidctest.ClientSecret+strings.Repeat("x", 32)), c)
		}, "malformed jwt"},
		"a foreign key": {nil, func(c map[string]any) string {
			token, err := oidctest.New(issuer).Sign(c)
			require.NoError(t, err)
			return token
		}, "no key of the provider has signed it"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cause error
				s := start(t, func(c *config) { c.OnFailure = func(_ *app.Call, err error) error { cause = err; return nil } })
				s.id.Tamper(test.tamper)
				s.id.Replace(test.replace)
				assertText(t, logIn(t, s.browser()), http.StatusUnauthorized, "Unauthorized")
				assert.Nil(t, s.login)
				var refused *oidc.TokenError
				require.ErrorAs(t, cause, &refused)
				assert.ErrorContains(t, cause, "token of test: ")
				assert.ErrorContains(t, cause, test.cause)
				assertSilent(t, s)
			})
		})
	}
}

func unsigned(claims map[string]any) string {
	text, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(text) + "."
}

func signedWith(t *testing.T, algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	require.NoError(t, err)
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(text)
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}

// What a token need not have.
func TestTokensThatAreAccepted(t *testing.T) {
	for name, tamper := range map[string]func(map[string]any){
		"no at_hash":                 func(c map[string]any) { delete(c, "at_hash") },
		"no sid":                     func(c map[string]any) { delete(c, "sid") },
		"azp":                        func(c map[string]any) { c["azp"] = "client" },
		"several clients, this azp":  func(c map[string]any) { c["aud"], c["azp"] = []string{"other", "client"}, "client" },
		"a clock that is a bit fast": func(c map[string]any) { c["nbf"] = time.Now().Add(time.Minute).Unix() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t)
				s.id.Tamper(tamper)
				assertText(t, logIn(t, s.browser()), http.StatusOK, "ann@example.org")
			})
		})
	}
}

// The ways that an answer can come to the wrong login. The provider checks PKCE,
// and a code counts once.
func TestAnswersThatAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		victim, attacker := s.browser(), s.browser()
		// Login CSRF: the attacker's answer in the victim's browser.
		assert.Equal(t, http.StatusUnauthorized, victim.Get(toCallback(t, attacker)).StatusCode)
		// The attacker's browser, and the code of the victim: PKCE and the nonce.
		stolen := query(t, toCallback(t, victim)).Get("code")
		own := query(t, toCallback(t, attacker))
		own.Set("code", stolen)
		assert.Equal(t, http.StatusUnauthorized, attacker.Get("/callback?"+own.Encode()).StatusCode)
		// Twice.
		back := toCallback(t, victim)
		assert.Equal(t, http.StatusOK, victim.Get(back).StatusCode)
		s.login = nil
		assert.Equal(t, http.StatusUnauthorized, victim.Get(back).StatusCode)
		// Another provider.
		own = query(t, toCallback(t, victim))
		own.Set("iss", "https://evil.example")
		assert.Equal(t, http.StatusBadGateway, victim.Get("/callback?"+own.Encode()).StatusCode)
		// The user does not agree.
		s.id.LogOut()
		assert.Equal(t, http.StatusUnauthorized, logIn(t, s.browser()).StatusCode)
		assert.Nil(t, s.login)
	})
}

func TestUserInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *config) { c.UserInfo = true })
		s.id.LogIn("ann", map[string]any{"email": "ann@example.org", "team": "blue"})
		s.id.Tamper(func(claims map[string]any) { delete(claims, "team") })
		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
		assert.Equal(t, Claims{"ann", "ann@example.org", "blue"}, s.login.Claims)

		s.login = nil
		s.id.Tamper(func(claims map[string]any) { claims["sub"] = "bob" })
		assert.Equal(t, http.StatusUnauthorized, logIn(t, s.browser()).StatusCode, "the userinfo is of ann")
		s.id.LogIn("ann", map[string]any{"email": 7})
		s.id.Tamper(func(claims map[string]any) { delete(claims, "email") })
		assert.Equal(t, http.StatusUnauthorized, logIn(t, s.browser()).StatusCode)
		assert.Nil(t, s.login)
	})
}

// What the flow of package oauth does, it does here.
func TestFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, func(c *config) {
			c.OnLogin = func(c *app.Call, login *oidc.Login[Claims]) error { return nil }
			c.AuthStyle = oauth2.AuthStyleInParams
			c.Flow = func(c *oauth.Config) {
				c.LoginPath, c.Home = "/enter", "/home"
				c.AuthorizeParams = func(*app.Call) map[string]string { return map[string]string{"prompt": "login"} }
			}
		})
		assert.Equal(t, "test", s.provider.Name())
		stale := &oauth2.Token{}
		s.Start(s.module, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/token", func(c *app.Call) error {
					token, err := s.provider.Flow().TokenSource(c, stale, nil).Token()
					if err != nil {
						return err
					}
					stale = token
					return c.RespondText("refreshed")
				})
			})
		})
		browser := s.browser()
		asked := location(t, browser.Get("/enter?return_to=/cart"))
		assert.Equal(t, "login", query(t, asked).Get("prompt"))
		assert.Equal(t, "/cart", location(t, browser.Get(location(t, browser.Get(asked)))))
	})
}

// A token that is over is refreshed at the endpoint that was discovered.
func TestTokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.Start(s.module, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/token", func(c *app.Call) error {
					fresh, err := s.provider.Flow().TokenSource(c, s.login.Token, nil).Token()
					if err != nil {
						return err
					}
					return c.RespondText(fmt.Sprint(fresh.AccessToken != s.login.Token.AccessToken))
				})
			})
		})
		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
		assertText(t, s.Get("/token"), http.StatusOK, "false")
		time.Sleep(time.Hour)
		assertText(t, s.Get("/token"), http.StatusOK, "true")
		// A refresh token counts once, and what it gave is known for a moment.
		time.Sleep(30 * time.Second)
		assertText(t, s.Get("/token"), http.StatusUnauthorized, "Unauthorized")
	})
}

// A test of a browser, which follows every redirect by itself.
func TestByABrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		assertText(t, s.NewClient(apptest.Cookies()).Get("/login"), http.StatusOK, "ann@example.org")
	})
}
