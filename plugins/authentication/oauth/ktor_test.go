package oauth_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/routing"
)

// completed begins a login, and returns what the callback answers to a code.
func completed(t *testing.T, s *site, login string, pairs ...string) *http.Response {
	t.Helper()
	browser := s.browser()
	state := begin(t, browser, login).Get("state")
	return browser.Get(answer(append([]string{"code", "code1", "state", state}, pairs...)...))
}

// The redirects of Ktor's OAuth2Test.
func TestKtorOAuth2Test(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*oauth.Config)
		want      map[string]string
	}{
		"testRedirect": {func(*oauth.Config) {}, map[string]string{}},
		"testRedirectWithScopes": {
			func(c *oauth.Config) {
				c.Settings.Scopes = []string{"http://example.com/scope1", "http://example.com/scope2"}
			},
			map[string]string{"scope": "http://example.com/scope1 http://example.com/scope2"},
		},
		// Each name once: RFC 6749 section 3.1.
		"testRedirectWithExtraParameters": {
			func(c *oauth.Config) {
				c.AuthorizeParams = func(*app.Call) map[string]string { return map[string]string{"a": "a1", "b": "b1"} }
			},
			map[string]string{"a": "a1", "b": "b1"},
		},
		"testRedirectCustomizedByInterceptor": {
			func(c *oauth.Config) {
				c.AuthorizeParams = func(c *app.Call) map[string]string {
					return map[string]string{"custom": c.Request.Header.Get("X-Custom")}
				}
			},
			map[string]string{"custom": "value1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, test.configure)
				query := sent(t, s.browser().Get("/login", apptest.Header("X-Custom", "value1")))
				assert.Equal(t, "clientId1", query.Get("client_id"))
				assert.Equal(t, "code", query.Get("response_type"))
				assert.NotEmpty(t, query.Get("state"))
				assert.Equal(t, callback, query.Get("redirect_uri"))
				for name, value := range test.want {
					assert.Equal(t, value, query.Get(name))
				}
			})
		})
	}
}

// A provider for each path: testRedirectWithMultipleProviders and
// testRequestTokenWithMultipleProviders.
func TestKtorOAuth2Test_multipleProviders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{answer: gives}
		host := apptest.New(t, apptest.ExternalService(provider, server.module))
		flow := oauth.New("login", func(c *oauth.Config) {
			standard(c)
			c.Client = host.Client()
			settings := c.Settings
			c.CallbackPath = "/callback/{provider}"
			c.LoginPath = "/login/{provider}"
			c.SettingsFor = func(c *app.Call) (*oauth2.Config, error) {
				own := settings
				own.ClientID = c.PathParam("provider") + "-id"
				own.RedirectURL = callback + "/" + c.PathParam("provider")
				return &own, nil
			}
			c.OnLogin = func(c *app.Call, _ *oauth.Login) error {
				return c.RespondText("OAuth config applied for provider: " + c.PathParam("provider"))
			}
		})
		host.Start(func(a *app.Application) { routing.Routes(a, flow.Routes) })
		for range 25 {
			for _, name := range []string{"provider1", "provider2"} {
				browser := host.NewClient(apptest.Cookies(), apptest.NoRedirects())
				query := begin(t, browser, "/login/"+name)
				assert.Equal(t, name+"-id", query.Get("client_id"))
				assert.Equal(t, callback+"/"+name, query.Get("redirect_uri"))
				response := browser.Get("/callback/" + name + "?code=code1&state=" + query.Get("state"))
				assertText(t, response, http.StatusOK, "OAuth config applied for provider: "+name)
			}
		}
	})
}

// testFallback, testFallbackCalledOnInvalidGrant, testRequestTokenBadCode and
// testRequestTokenErrorRedirect: what becomes of a login that fails.
func TestKtorOAuth2Test_fallback(t *testing.T) {
	fallback := func(c *oauth.Config) {
		c.OnFailure = func(c *app.Call, cause error) error {
			refused, ok := errors.AsType[*oauth.RefusedError](cause)
			switch {
			case ok && refused.Code == "ERROR":
				return c.RespondRedirect("/login-after-fallback")
			case strings.Contains(cause.Error(), "Invalid response!"), ok && refused.Code == "invalid_grant":
				c.SetStatus(http.StatusForbidden)
				return c.RespondText("Forbidden")
			}
			c.Header().Set("Auth-Fallback", "Unknown error")
			return nil
		}
	}
	for name, test := range map[string]struct {
		configure func(*oauth.Config)
		answer    string // of the token endpoint
		pairs     []string
		status    int
	}{
		"testFallback, exception during redirect": {fallback, "", []string{"error", "ERROR"}, http.StatusFound},
		"testFallback, exception during token request": {
			fallback, "error=Invalid response!", []string{"code", "code"}, http.StatusForbidden,
		},
		"testFallback, not handled":        {fallback, "error=error", []string{"code", "invalid"}, http.StatusBadGateway},
		"testFallbackCalledOnInvalidGrant": {fallback, "error=invalid_grant", []string{"code", "code"}, http.StatusForbidden},
		"testRequestTokenBadCode": { // Ktor begins anew
			func(*oauth.Config) {}, "error=invalid_grant", []string{"code", "code2"}, http.StatusUnauthorized,
		},
		"testRequestTokenErrorRedirect": {
			func(*oauth.Config) {}, "", []string{"error", "access_denied", "error_description", "User denied access"}, http.StatusUnauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, test.configure)
				s.provider.answer = says(http.StatusOK, "application/x-www-form-urlencoded", test.answer)
				browser := s.browser()
				state := begin(t, browser, "/login").Get("state")
				response := browser.Get(answer(append(test.pairs, "state", state)...))
				assert.Equal(t, test.status, response.StatusCode)
			})
		})
	}
}

// testRequestToken, testRequestTokenMethodPost, testRequestTokenFormPost,
// testExtraTokenParams and testDynamicExtraTokenParams: the request for a token.
func TestKtorOAuth2Test_token(t *testing.T) {
	t.Run("testRequestToken and testRequestTokenMethodPost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			assert.Equal(t, http.StatusOK, completed(t, start(t), "/login").StatusCode)
		})
	})
	t.Run("testRequestTokenFormPost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, func(c *oauth.Config) { c.FormPost, c.Settings.RedirectURL = true, "https://localhost/callback" })
			response := s.NewClient(apptest.NoRedirects()).Get("/login")
			cookie := apptest.Header("Cookie", response.Cookies()[0].Name+"="+response.Cookies()[0].Value)
			body := url.Values{"code": {"code1"}, "state": {sent(t, response).Get("state")}}.Encode()
			response = s.Post("/callback", "application/x-www-form-urlencoded", strings.NewReader(body), cookie)
			assert.Equal(t, http.StatusOK, response.StatusCode)
		})
	})
	t.Run("testExtraTokenParams", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, func(c *oauth.Config) {
				c.TokenParams = func(*app.Call) map[string]string { return map[string]string{"a": "a1", "b": "b1"} }
			})
			assert.Equal(t, http.StatusOK, completed(t, s, "/login").StatusCode)
			assert.Equal(t, "a1", s.provider.asked()[0].Get("a"))
			assert.Equal(t, "b1", s.provider.asked()[0].Get("b"))
		})
	})
	t.Run("testDynamicExtraTokenParams", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, func(c *oauth.Config) {
				c.TokenParams = func(c *app.Call) map[string]string {
					return map[string]string{
						"static": "value", "dynamic": c.QueryParam("dynamic"),
						"callback_code": c.QueryParam("code"), "callback_state": c.QueryParam("state"),
					}
				}
			})
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			assert.Equal(t, http.StatusOK, browser.Get(answer("code", "code", "state", state, "dynamic", "request-value")).StatusCode)
			form := s.provider.asked()[0]
			assert.Equal(t, "value", form.Get("static"))
			assert.Equal(t, "request-value", form.Get("dynamic"))
			assert.Equal(t, "code", form.Get("callback_code"))
			assert.Equal(t, state, form.Get("callback_state"))
		})
	})
}

// testStateVerifierPreventsTokenRequest,
// testDynamicExtraTokenParamsSkippedWhenStateInvalid, testFailedNonce and
// testApplicationState: what the state is for.
func TestKtorOAuth2Test_state(t *testing.T) {
	t.Run("testStateVerifierPreventsTokenRequest", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t)
			assert.Equal(t, http.StatusUnauthorized, s.Get(answer("code", "code", "state", "state-of-nobody")).StatusCode)
			assert.Empty(t, s.provider.asked())
		})
	})
	t.Run("testDynamicExtraTokenParamsSkippedWhenStateInvalid", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			invoked := false
			s := start(t, func(c *oauth.Config) {
				c.TokenParams = func(*app.Call) map[string]string { invoked = true; return nil }
			})
			assert.Equal(t, http.StatusUnauthorized, s.Get(answer("code", "code", "state", "invalid-state")).StatusCode)
			assert.False(t, invoked)
			assert.Empty(t, s.provider.asked())
		})
	})
	t.Run("testFailedNonce", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t)
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			time.Sleep(time.Hour) // what makes a state of ours invalid
			assert.Equal(t, http.StatusUnauthorized, browser.Get(answer("code", "some_code", "state", state)).StatusCode)
			assert.Empty(t, s.provider.asked())
		})
	})
	t.Run("testApplicationState", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, func(c *oauth.Config) { c.OnLogin = func(*app.Call, *oauth.Login) error { return nil } })
			response := completed(t, s, "/login?return_to=/some-url")
			assert.Equal(t, "/some-url", response.Header.Get("Location"))
		})
	})
}

// What Ktor's OAuthFlowTest asks of a flow without sessions. The others are in
// TestKtorOAuthFlowTest_sessions.
func TestKtorOAuthFlowTest(t *testing.T) {
	t.Run("oauth redirects to provider", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			assert.NotEmpty(t, begin(t, start(t).browser(), "/callback").Get("state"))
		})
	})
	t.Run("oauth error invokes onUnauthorized", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, func(c *oauth.Config) {
				c.OnFailure = func(c *app.Call, cause error) error {
					refused, _ := errors.AsType[*oauth.RefusedError](cause)
					c.SetStatus(http.StatusForbidden)
					return c.RespondText("forbidden:" + refused.Code + ": " + refused.Description)
				}
			})
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			response := browser.Get(answer("error", "access_denied", "error_description", "denied", "state", state))
			assertText(t, response, http.StatusForbidden, "forbidden:access_denied: denied")
		})
	})
	t.Run("application install delegates to routing install", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			assertText(t, completed(t, start(t), "/login"), http.StatusOK, "token of code1")
		})
	})
	t.Run("missing callback throws", func(t *testing.T) {
		flow := oauth.New("google", func(c *oauth.Config) { standard(c); c.OnLogin = nil })
		err := apptest.StartError(t, func(a *app.Application) { routing.Routes(a, flow.Routes) })
		require.ErrorContains(t, err, "login by google: OnLogin is nil")
	})
	t.Run("oauth form_post callback succeeds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, func(c *oauth.Config) {
				c.FormPost, c.Settings.RedirectURL = true, "https://localhost/callback"
				c.OnLogin = func(c *app.Call, _ *oauth.Login) error { return c.RespondText("form_post") }
			})
			response := s.NewClient(apptest.NoRedirects()).Get("/callback")
			cookie := apptest.Header("Cookie", response.Cookies()[0].Name+"="+response.Cookies()[0].Value)
			body := url.Values{"code": {"test_code"}, "state": {sent(t, response).Get("state")}}.Encode()
			response = s.Post("/callback", "application/x-www-form-urlencoded", strings.NewReader(body), cookie)
			assertText(t, response, http.StatusOK, "form_post")
		})
	})
}
