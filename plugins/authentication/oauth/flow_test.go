package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/routing"
)

func TestLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *oauth.Config) { c.Settings.Scopes = []string{"a", "b"} })
		browser := s.browser()
		response := browser.Get("/login")
		asked := sent(t, response)
		assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
		assert.Equal(t, "clientId1", asked.Get("client_id"))
		assert.Equal(t, "code", asked.Get("response_type"))
		assert.Equal(t, callback, asked.Get("redirect_uri"))
		assert.Equal(t, "a b", asked.Get("scope"))
		assert.Equal(t, "S256", asked.Get("code_challenge_method"))
		assert.NotContains(t, asked, "nonce", "which is for openid")

		response = browser.Get(answer("code", "code1", "state", asked.Get("state")))
		assertText(t, response, http.StatusOK, "token of code1")
		assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
		assert.Equal(t, "no-referrer", response.Header.Get("Referrer-Policy"))
		require.Len(t, s.provider.asked(), 1)
		form := s.provider.asked()[0]
		challenge := sha256.Sum256([]byte(form.Get("code_verifier")))
		assert.Equal(t, asked.Get("code_challenge"), base64.RawURLEncoding.EncodeToString(challenge[:]))
		delete(form, "code_verifier")
		assert.Equal(t, url.Values{
			"grant_type": {"authorization_code"}, "code": {"code1"}, "redirect_uri": {callback},
			"client_id": {"clientId1"}, "client_secret": {"clientSecret1"},
		}, form)
	})
}

// Nothing of a login can be guessed from another one.
func TestLoginsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *oauth.Config) { c.Settings.Scopes = []string{"openid"} })
		first, second := begin(t, s.browser(), "/login"), begin(t, s.browser(), "/login")
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			assert.NotEqual(t, first.Get(name), second.Get(name), name)
			assert.GreaterOrEqual(t, len(first.Get(name)), 26, name)
		}
	})
}

// Only a path of the application is returned to.
func TestReturnTo(t *testing.T) {
	for path, want := range map[string]string{
		"":                              "/home",
		"/cart":                         "/cart",
		"/cart?item=1&x=%2F%2Fevil":     "/cart?item=1&x=%2F%2Fevil",
		"/caf%C3%A9":                    "/caf%C3%A9",
		"/café":                         "/caf%C3%A9",
		"/a b":                          "/a%20b",
		"/#part":                        "/#part",
		"cart":                          "/home",
		"//evil.example":                "/home",
		"///evil.example":               "/home",
		`/\evil.example`:                "/home",
		`\/evil.example`:                "/home",
		`/a\b`:                          "/home",
		"https://evil.example":          "/home",
		"https:evil.example":            "/home",
		"javascript:alert(1)":           "/home",
		"/\t/evil.example":              "/home",
		"/\n/evil.example":              "/home",
		"/a\r\nSet-Cookie: x=y":         "/home",
		"\x00/evil.example":             "/home",
		"/\x7f":                         "/home",
		"/%zz":                          "/home",
		" /cart":                        "/home",
		"/" + strings.Repeat("a", 1023): "/" + strings.Repeat("a", 1023),
		"/" + strings.Repeat("a", 1024): "/home",
	} {
		t.Run(fmt.Sprintf("%.30q", path), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, func(c *oauth.Config) {
					c.Home = "/home"
					c.OnLogin = func(*app.Call, *oauth.Login) error { return nil }
				})
				browser := s.browser()
				state := begin(t, browser, "/login?return_to="+url.QueryEscape(path)).Get("state")
				response := browser.Get(answer("code", "x", "state", state))
				assert.Equal(t, http.StatusSeeOther, response.StatusCode)
				assert.Equal(t, want, response.Header.Get("Location"))
			})
		})
	}
}

// A Host header does not change where the provider sends the code.
func TestRedirectURLIsFixed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		response := s.NewClient(apptest.NoRedirects()).Get("/login", func(r *http.Request) { r.Host = "evil.example" })
		assert.Equal(t, callback, sent(t, response).Get("redirect_uri"))
	})
}

// Where the routes stand, and what the callback's path is there.
func TestPlaces(t *testing.T) {
	for name, test := range map[string]struct {
		root, at, redirect, callbackPath, want string
	}{
		"root":               {"", "", "http://localhost/callback", "", "/callback"},
		"below a route":      {"", "/auth", "http://localhost/auth/callback", "", "/auth/callback"},
		"below a root path":  {"/shop", "/auth", "http://localhost/shop/auth/done/x", "", "/shop/auth/done/x"},
		"a proxy cuts paths": {"", "/auth", "http://localhost/elsewhere/callback", "/callback", "/auth/callback"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				flow := oauth.New("test", func(c *oauth.Config) {
					standard(c)
					c.Settings.RedirectURL, c.CallbackPath = test.redirect, test.callbackPath
				})
				host := apptest.Start(t, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) { r.Route(test.at, flow.Routes) })
				}, apptest.Configure(func(c *app.Config) { c.RootPath = test.root }))
				browser := host.NewClient(apptest.NoRedirects())
				begin(t, browser, test.root+test.at+"/login")
				assert.Equal(t, http.StatusUnauthorized, browser.Get(test.want+"?state=x").StatusCode)
			})
		})
	}
}

func TestFormPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *oauth.Config) { c.FormPost, c.Settings.RedirectURL = true, "https://localhost/callback" })
		response := s.NewClient(apptest.NoRedirects()).Get("/login")
		asked := sent(t, response)
		assert.Equal(t, "form_post", asked.Get("response_mode"))
		cookie := apptest.Header("Cookie", response.Cookies()[0].Name+"="+response.Cookies()[0].Value)
		form := url.Values{"code": {"code1"}, "state": {asked.Get("state")}}
		assertText(t, s.Post("/callback", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), cookie),
			http.StatusOK, "token of code1")
	})
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, http.StatusMethodNotAllowed, start(t).Post("/callback", "text/plain", nil).StatusCode, "not asked for")
	})
}

// RFC 9207: the answer of another provider is refused, with an error too.
func TestIssuer(t *testing.T) {
	for name, test := range map[string]struct {
		issuer   string
		required bool
		pairs    []string
		want     int
	}{
		"right":                         {"https://a.example", true, []string{"code", "x", "iss", "https://a.example"}, 200},
		"another one":                   {"https://a.example", false, []string{"code", "x", "iss", "https://b.example"}, 502},
		"another one, that refuses":     {"https://a.example", false, []string{"error", "x", "iss", "https://b.example"}, 502},
		"two":                           {"https://a.example", false, []string{"code", "x", "iss", "https://a.example", "iss", "https://b.example"}, 502},
		"a slash more":                  {"https://a.example", false, []string{"code", "x", "iss", "https://a.example/"}, 502},
		"none":                          {"https://a.example", false, []string{"code", "x"}, 200},
		"none, and one is required":     {"https://a.example", true, []string{"code", "x"}, 502},
		"one, and nothing is expected":  {"", false, []string{"code", "x", "iss", "https://b.example"}, 200},
		"one that refuses, as it ought": {"https://a.example", true, []string{"error", "x", "iss", "https://a.example"}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, func(c *oauth.Config) { c.Issuer, c.IssuerRequired = test.issuer, test.required })
				browser := s.browser()
				state := begin(t, browser, "/login").Get("state")
				response := browser.Get(answer(append(test.pairs, "state", state)...))
				assert.Equal(t, test.want, response.StatusCode)
			})
		})
	}
}

// Settings may be those of a call.
func TestSettingsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *oauth.Config) {
			settings := c.Settings
			c.Settings = oauth2.Config{RedirectURL: callback}
			c.SettingsFor = func(c *app.Call) (*oauth2.Config, error) {
				switch c.QueryParam("tenant") {
				case "down":
					return nil, app.NewError(http.StatusServiceUnavailable, "not now")
				case "none":
					return nil, nil //nolint:nilnil // what a mistaken function does
				case "broken":
					return &oauth2.Config{}, nil
				}
				own := settings
				own.ClientID = "tenant " + c.QueryParam("tenant")
				own.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
				return &own, nil
			}
		})
		browser := s.browser()
		asked := begin(t, browser, "/login?tenant=7")
		assert.Equal(t, "tenant 7", asked.Get("client_id"))
		assertText(t, browser.Get(answer("code", "x", "state", asked.Get("state"), "tenant", "7")), http.StatusOK, "token of x")
		assert.NotContains(t, s.provider.asked()[0], "client_secret")
		assert.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("tenant+7:clientSecret1")), s.provider.auth[0])

		// The answer of one provider does not end a login with another one.
		asked = begin(t, browser, "/login?tenant=7")
		assert.Equal(t, http.StatusUnauthorized, browser.Get(answer("code", "x", "state", asked.Get("state"), "tenant", "8")).StatusCode)
		assert.Len(t, s.provider.asked(), 1)

		assertText(t, browser.Get("/login?tenant=down"), http.StatusServiceUnavailable, "not now")
		assert.Equal(t, http.StatusInternalServerError, browser.Get("/login?tenant=none").StatusCode)
		assert.Equal(t, http.StatusInternalServerError, browser.Get("/login?tenant=broken").StatusCode)
	})
}

func TestMistakes(t *testing.T) {
	for want, configure := range map[string]func(c *oauth.Config){
		"ClientID is empty":                                func(c *oauth.Config) { c.Settings.ClientID = "" },
		`AuthURL of the endpoint is ""`:                    func(c *oauth.Config) { c.Settings.Endpoint.AuthURL = "" },
		`TokenURL of the endpoint is "/token"`:             func(c *oauth.Config) { c.Settings.Endpoint.TokenURL = "/token" },
		`the RedirectURL is "": it must be the whole`:      func(c *oauth.Config) { c.Settings.RedirectURL = "" },
		`the RedirectURL is "/callback"`:                   func(c *oauth.Config) { c.Settings.RedirectURL = "/callback" },
		"it must be https, or codes can be read":           func(c *oauth.Config) { c.Settings.RedirectURL = "http://shop.example/callback" },
		"FormPost needs https":                             func(c *oauth.Config) { c.FormPost = true },
		"IssuerRequired needs an Issuer":                   func(c *oauth.Config) { c.IssuerRequired = true },
		"LoginPath is empty":                               func(c *oauth.Config) { c.LoginPath = "" },
		`the home "//evil" is not a path`:                  func(c *oauth.Config) { c.Home = "//evil" },
		"OnLogin is nil":                                   func(c *oauth.Config) { c.OnLogin = nil },
		"the time-out is -1ns":                             func(c *oauth.Config) { c.Timeout = -1 },
		"the lifetime of a login is 0s":                    func(c *oauth.Config) { c.Lifetime = 0 },
		"the key has 5 bytes: it must have 32 or more":     func(c *oauth.Config) { c.Key = []byte("short") },
		"is not below , where the routes of the login are": func(c *oauth.Config) { c.Settings.RedirectURL = "http://localhost" },
	} {
		t.Run(want, func(t *testing.T) {
			var site app.Site
			flow := oauth.New("test", func(c *oauth.Config) { standard(c); configure(c) })
			err := apptest.StartError(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					site = app.Caller(0)
					flow.Routes(r)
				})
			})
			site.Line++
			assert.ErrorContains(t, err, site.String()+": login by test: ")
			assert.ErrorContains(t, err, want)
		})
	}
	for want, flow := range map[string]*oauth.Flow{
		"the configuration function is nil": oauth.New("test", nil),
		`the name "a b" is not a token`:     oauth.New("a b", standard),
	} {
		err := apptest.StartError(t, func(a *app.Application) { routing.Routes(a, flow.Routes) })
		assert.ErrorContains(t, err, want)
	}
}

// What the flow itself sets cannot be replaced.
func TestParamsOfTheFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		param := ""
		s := start(t, func(c *oauth.Config) {
			c.AuthorizeParams = func(*app.Call) map[string]string { return map[string]string{param: "x"} }
			c.TokenParams = c.AuthorizeParams
		})
		browser := s.browser()
		for _, name := range []string{"state", "redirect_uri", "code_challenge", "code_challenge_method", "nonce"} {
			param = name
			assert.Equal(t, http.StatusInternalServerError, browser.Get("/login").StatusCode, name)
		}
		param = "prompt"
		asked := begin(t, browser, "/login")
		assert.Equal(t, "x", asked.Get("prompt"))
		param = "code_verifier"
		assert.Equal(t, http.StatusInternalServerError, browser.Get(answer("code", "x", "state", asked.Get("state"))).StatusCode)
		assert.Empty(t, s.provider.asked())
	})
}

// Check and OnLogin may refuse.
func TestCheckAndOnLogin(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*oauth.Config)
		status    int
		text      string
	}{
		"Check": {func(c *oauth.Config) {
			c.Check = func(*app.Call, *oauth.Login) error { return app.NewError(http.StatusForbidden, "not you") }
		}, http.StatusForbidden, "not you"},
		"Check, and OnFailure": {func(c *oauth.Config) {
			c.Check = func(*app.Call, *oauth.Login) error { return errors.New("not you") }
			c.OnFailure = func(c *app.Call, cause error) error { return c.RespondText("failed: " + cause.Error()) }
		}, http.StatusOK, "failed: not you"},
		"OnLogin, which OnFailure does not see": {func(c *oauth.Config) {
			c.OnLogin = func(*app.Call, *oauth.Login) error { return app.NewError(http.StatusConflict, "twice") }
			c.OnFailure = func(c *app.Call, cause error) error { return c.RespondText("failed") }
		}, http.StatusConflict, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, test.configure)
				browser := s.browser()
				state := begin(t, browser, "/login").Get("state")
				assertText(t, browser.Get(answer("code", "x", "state", state)), test.status, test.text)
			})
		})
	}
}

// Nothing of a token is in what is printed or logged.
func TestLoginHidesItsToken(t *testing.T) {
	login := &oauth.Login{Token: &oauth2.Token{AccessToken: "secret"}, ReturnTo: "/cart"}
	for _, text := range []string{
		fmt.Sprint(login), fmt.Sprintf("%+v", login), fmt.Sprintf("%#v", login), login.LogValue().String(),
		fmt.Sprint(*login), fmt.Sprintf("%+v", *login), fmt.Sprintf("%#v", *login),
	} {
		assert.Equal(t, "login that returns to /cart", text)
	}
}

// A cookie that is longer than browsers keep would end the login with a state that
// nobody knows.
func TestCookiesThatBrowsersKeep(t *testing.T) {
	s := start(t)
	for _, text := range []string{"&", "<", "a", "é", `"`, "%26"} {
		for _, length := range []int{300, 1000} {
			path := "/?" + strings.Repeat(text, length/len(text))
			response := s.browser().Get("/login?return_to=" + url.QueryEscape(path))
			assert.Equal(t, http.StatusFound, response.StatusCode)
			assert.Less(t, len(response.Header.Get("Set-Cookie")), 4096-1024, "%s %d", text, length)
		}
	}
}
