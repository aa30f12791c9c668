package oauth_test

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
)

func TestCookie(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*oauth.Config)
		prefix    string
		want      http.Cookie
	}{
		"http, which is the machine itself": {
			func(*oauth.Config) {}, "oauth_test_", http.Cookie{SameSite: http.SameSiteLaxMode},
		},
		"https": {
			func(c *oauth.Config) { c.Settings.RedirectURL = "https://shop.example/callback" },
			"__Host-oauth_test_", http.Cookie{SameSite: http.SameSiteLaxMode, Secure: true},
		},
		"a form from another site": {
			func(c *oauth.Config) { c.Settings.RedirectURL, c.FormPost = "https://shop.example/callback", true },
			"__Host-oauth_test_", http.Cookie{SameSite: http.SameSiteNoneMode, Secure: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, test.configure)
				response := s.NewClient(apptest.NoRedirects()).Get("/login?return_to=/secret-place")
				state := sent(t, response).Get("state")
				require.Len(t, response.Cookies(), 1)
				cookie := response.Cookies()[0]
				assert.Equal(t, test.prefix+state[:8], cookie.Name)
				assert.True(t, cookie.HttpOnly)
				assert.Equal(t, test.want.Secure, cookie.Secure)
				assert.Equal(t, test.want.SameSite, cookie.SameSite)
				assert.Equal(t, "/", cookie.Path)
				assert.Empty(t, cookie.Domain)
				assert.Equal(t, 600, cookie.MaxAge)
				plain, err := base64.RawURLEncoding.DecodeString(cookie.Value)
				require.NoError(t, err)
				assert.NotContains(t, string(plain), state)
				assert.NotContains(t, string(plain), "secret-place")
			})
		})
	}
}

// Whatever the answer is, it must come to the browser that has begun, within the
// lifetime, and once.
func TestStatesThatAreRefused(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, s *site) *http.Response{
		"no cookie: somebody else's link": func(t *testing.T, s *site) *http.Response {
			state := begin(t, s.browser(), "/login").Get("state")
			return s.browser().Get(answer("code", "x", "state", state))
		},
		"the cookie of another login": func(t *testing.T, s *site) *http.Response {
			victim := s.browser()
			begin(t, victim, "/login")
			state := begin(t, s.browser(), "/login").Get("state")
			return victim.Get(answer("code", "x", "state", state))
		},
		"the cookie of another login under this name": func(t *testing.T, s *site) *http.Response {
			first := s.NewClient(apptest.NoRedirects()).Get("/login")
			second := s.NewClient(apptest.NoRedirects()).Get("/login")
			cookie := second.Cookies()[0].Name + "=" + first.Cookies()[0].Value
			return s.Get(answer("code", "x", "state", sent(t, second).Get("state")), apptest.Header("Cookie", cookie))
		},
		"no state": func(t *testing.T, s *site) *http.Response {
			browser := s.browser()
			begin(t, browser, "/login")
			return browser.Get(answer("code", "x"))
		},
		"two states": func(t *testing.T, s *site) *http.Response {
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			return browser.Get(answer("code", "x", "state", state, "state", "other"))
		},
		"a state that begins the same": func(t *testing.T, s *site) *http.Response {
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			return browser.Get(answer("code", "x", "state", state[:len(state)-1]))
		},
		"a short state": func(t *testing.T, s *site) *http.Response {
			browser := s.browser()
			begin(t, browser, "/login")
			return browser.Get(answer("code", "x", "state", "short"))
		},
		"a state of 10,000 bytes": func(t *testing.T, s *site) *http.Response {
			browser := s.browser()
			state := begin(t, browser, "/login").Get("state")
			return browser.Get(answer("code", "x", "state", state+strings.Repeat("x", 10_000)))
		},
		"an error without a state": func(t *testing.T, s *site) *http.Response {
			browser := s.browser()
			begin(t, browser, "/login")
			return browser.Get(answer("error", "access_denied"))
		},
		"too late": func(t *testing.T, s *site) *http.Response {
			first := s.NewClient(apptest.NoRedirects()).Get("/login")
			// It is kept for longer than it should.
			cookie := first.Cookies()[0].Name + "=" + first.Cookies()[0].Value
			time.Sleep(10 * time.Minute)
			return s.Get(answer("code", "x", "state", sent(t, first).Get("state")), apptest.Header("Cookie", cookie))
		},
		"a cookie of garbage": func(t *testing.T, s *site) *http.Response {
			state := sent(t, s.NewClient(apptest.NoRedirects()).Get("/login")).Get("state")
			return s.Get(answer("code", "x", "state", state), apptest.Header("Cookie", "oauth_test_"+state[:8]+"=garbage"))
		},
		"a cookie that was tampered with": func(t *testing.T, s *site) *http.Response {
			first := s.NewClient(apptest.NoRedirects()).Get("/login")
			value := []byte(first.Cookies()[0].Value)
			value[len(value)/2] ^= 1
			cookie := first.Cookies()[0].Name + "=" + string(value)
			return s.Get(answer("code", "x", "state", sent(t, first).Get("state")), apptest.Header("Cookie", cookie))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t)
				assert.Equal(t, http.StatusUnauthorized, test(t, s).StatusCode)
				assert.Empty(t, s.provider.asked(), "the provider is asked nothing")
			})
		})
	}
}

// The browser forgets the login, and a browser that does not is refused.
func TestStateCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		first := s.NewClient(apptest.NoRedirects()).Get("/login")
		back := answer("code", "code1", "state", sent(t, first).Get("state"))
		cookie := apptest.Header("Cookie", first.Cookies()[0].Name+"="+first.Cookies()[0].Value)
		response := s.Get(back, cookie)
		assertText(t, response, http.StatusOK, "token of code1")
		require.Len(t, response.Cookies(), 1)
		assert.Equal(t, first.Cookies()[0].Name, response.Cookies()[0].Name)
		assert.Negative(t, response.Cookies()[0].MaxAge)
		assert.Equal(t, http.StatusUnauthorized, s.Get(back, cookie).StatusCode)
		assert.Len(t, s.provider.asked(), 1)
	})
}

// A cookie of one flow is of no use for another, nor that of another key.
func TestFlowsShareNoLogins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := start(t).NewClient(apptest.NoRedirects()).Get("/login")
		other := start(t)
		cookie := apptest.Header("Cookie", first.Cookies()[0].Name+"="+first.Cookies()[0].Value)
		response := other.Get(answer("code", "x", "state", sent(t, first).Get("state")), cookie)
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	})
}

// Nodes with one key end each other's logins.
func TestKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := func(c *oauth.Config) { c.Key = []byte(strings.Repeat("k", 32)) }
		first := start(t, key).NewClient(apptest.NoRedirects()).Get("/login")
		cookie := apptest.Header("Cookie", first.Cookies()[0].Name+"="+first.Cookies()[0].Value)
		response := start(t, key).Get(answer("code", "code1", "state", sent(t, first).Get("state")), cookie)
		assertText(t, response, http.StatusOK, "token of code1")
	})
}

// However many cookies a browser has been given, few are taken away at a time.
func TestManyCookies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		var cookies []string
		for range 500 {
			cookies = append(cookies, "oauth_test_"+rand.Text()+"=x")
		}
		response := s.NewClient(apptest.NoRedirects()).Get("/login", apptest.Header("Cookie", strings.Join(cookies, "; ")))
		assert.NotEmpty(t, sent(t, response).Get("state"))
		assert.Len(t, response.Cookies(), 9)
	})
}

// Logins in several tabs do not disturb each other, and their number is bounded.
func TestTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		browser := s.browser()
		var states []string
		for range 6 {
			time.Sleep(time.Second)
			states = append(states, begin(t, browser, "/login").Get("state"))
		}
		at, err := url.Parse(s.URL)
		require.NoError(t, err)
		assert.Len(t, browser.HTTP().Jar.Cookies(at), 4)
		for i, state := range states {
			want := http.StatusOK
			if i < 2 {
				want = http.StatusUnauthorized
			}
			assert.Equal(t, want, browser.Get(answer("code", "x", "state", state)).StatusCode, "login %d", i)
		}
	})
}
