package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestKtorCookiesTest_requests: cookies that arrive.
func TestKtorCookiesTest_requests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header string
		want   map[string]string // without those that are missing
	}{
		"simple_cookies":                        {"SESSION=123; HOST=abc", map[string]string{"SESSION": "123", "HOST": "abc"}},
		"old_fashioned_obsolete_cookies_syntax": {"$Version=1; SESSION=456; $Path=/; HOST=def", map[string]string{"SESSION": "456", "HOST": "def"}},
		"missing_space":                         {"SESSION=456;$Path=/; HOST=def", map[string]string{"SESSION": "456", "HOST": "def"}},
		// In Ktor: "1 2 ".
		"decode_encoded_cookies":         {"SESSION=1+2%20", map[string]string{"SESSION": "1+2%20"}},
		"decode_dquotes_encoded_cookies": {`SESSION="1 2"`, map[string]string{"SESSION": "1 2"}},
		// In Ktor: the last one.
		"two of one name": {"SESSION=first; SESSION=last", map[string]string{"SESSION": "first"}},
		"another case":    {"session=1", map[string]string{}},
		"empty":           {"SESSION=", map[string]string{"SESSION": ""}},
		"none":            {"", map[string]string{}},
		"nonsense":        {";;=;\x00=1;=2", map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := map[string]string{}
			a := start(t, answering(func(c *app.Call) error {
				for _, name := range []string{"SESSION", "HOST", ""} {
					if value, ok := c.Cookie(name); ok {
						found[name] = value
					}
				}
				return c.RespondStatus(http.StatusOK)
			}))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header["Cookie"] = []string{test.header}
			do(t, a, r)
			assert.Equal(t, test.want, found)
		})
	}
}

// TestKtorCookiesTest_answers: cookies that leave, without $x-enc and without
// encodings.
func TestKtorCookiesTest_answers(t *testing.T) {
	t.Parallel()
	date := time.Date(2015, 8, 18, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		cookie *http.Cookie
		want   string // "" if it is refused
	}{
		"add_cookies_simple":                              {&http.Cookie{Name: "SESSION", Value: "123"}, "SESSION=123"},
		"add_cookies_with_max_age":                        {&http.Cookie{Name: "SESSION", Value: "123", MaxAge: 7}, "SESSION=123; Max-Age=7"},
		"add_cookies_with_flags_and_extensions":           {&http.Cookie{Name: "SESSION", Value: "123", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, Path: "/"}, "SESSION=123; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"add_cookies_expired":                             {&http.Cookie{Name: "SESSION", MaxAge: -1}, "SESSION=; Max-Age=0"},
		"add_cookies_bad_characters":                      {&http.Cookie{Name: "AB", Value: "1-2"}, "AB=1-2"},
		"add_cookies_encoding_simple_no_quotes":           {&http.Cookie{Name: "A", Value: "1"}, "A=1"},
		"add_cookies_encoding_simple_with_quotes":         {&http.Cookie{Name: "A", Value: "1 2"}, `A="1 2"`},
		"testSecureCookie":                                {&http.Cookie{Name: "S", Value: "secret", Secure: true}, "S=secret; Secure"},
		"add cookies with expires":                        {&http.Cookie{Name: "SESSION", Value: "123", Expires: date}, "SESSION=123; Expires=Tue, 18 Aug 2015 00:00:00 GMT"},
		"add cookies with expires at specified time zone": {&http.Cookie{Name: "SESSION", Value: "123", Expires: time.Date(2015, 8, 18, 0, 0, 0, 0, time.FixedZone("", 3*3600))}, "SESSION=123; Expires=Mon, 17 Aug 2015 21:00:00 GMT"},
		// What Ktor's DQuotesCookiesEncodingTest expects is what net/http does.
		"DQUOTES no_bad_characters": {&http.Cookie{Name: "A", Value: "abc"}, "A=abc"},
		"DQUOTES space_inside":      {&http.Cookie{Name: "A", Value: "abc 123"}, `A="abc 123"`},
		"DQUOTES equals_inside":     {&http.Cookie{Name: "A", Value: "abc=123"}, "A=abc=123"},
		"bad name":                  {&http.Cookie{Name: "A B", Value: "1"}, ""},
		"empty name":                {&http.Cookie{Value: "1"}, ""},
		"value that ends a cookie":  {&http.Cookie{Name: "A", Value: "1; Secure"}, ""},
		"value with a line end":     {&http.Cookie{Name: "A", Value: "1\r\nSet-Cookie: B=2"}, ""},
		"path that ends a cookie":   {&http.Cookie{Name: "A", Value: "1", Path: "/;Domain=evil.example"}, ""},
		"bad domain":                {&http.Cookie{Name: "A", Value: "1", Domain: "a b"}, ""},
		"nil":                       {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			a := start(t, answering(func(c *app.Call) error {
				err = c.SetCookie(test.cookie)
				return c.RespondText("ok")
			}))
			response := get(t, a, "/cookie-monster")
			if test.want == "" {
				require.Error(t, err)
				assert.NotContains(t, response.Header, "Set-Cookie")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, []string{test.want}, response.Header["Set-Cookie"])
		})
	}
}

// TestKtorCookiesTest_several: a response may set several cookies, and anybody
// can see them before it leaves.
func TestKtorCookiesTest_several(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) { a.Use(wrappingWriter) }, answering(func(c *app.Call) error {
		require.NoError(t, c.SetCookie(&http.Cookie{Name: "a", Value: "1"}))
		require.NoError(t, c.SetCookie(&http.Cookie{Name: "b", Value: "2"}))
		assert.Equal(t, "a=1 b=2", strings.Join(c.Header()["Set-Cookie"], " "), "add_cookie_and_get_it")
		return app.NewError(http.StatusTeapot, "cookies stay on the answer to an error")
	}))
	response := get(t, a, "/")
	assert.Equal(t, http.StatusTeapot, response.StatusCode)
	assert.Equal(t, []string{"a=1", "b=2"}, response.Header["Set-Cookie"], "add_multiple_cookies")
}
