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

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
)

const secret = "what the provider says and nobody should read"

// What the token endpoint may answer, and what becomes of the login.
func TestProviderThatFails(t *testing.T) {
	huge := strings.Repeat(" ", 2<<20)
	for name, test := range map[string]struct {
		answer func(*app.Call, url.Values) error
		status int
		cause  string
	}{
		"refuses the code": {
			says(400, "application/json", `{"error":"invalid_grant","error_description":"used\nup"}`),
			401, "log in by test: the provider refuses: invalid_grant: usedup",
		},
		"does not know the application": {
			says(401, "application/json", `{"error":"invalid_client","error_description":"`+secret+`"}`),
			502, "exchange the code of a login by test: the provider answers invalid_client",
		},
		"an error with 200": {
			says(200, "application/x-www-form-urlencoded", "error=invalid_grant"),
			401, "log in by test: the provider refuses: invalid_grant",
		},
		"500 with a text": {
			says(500, "text/html", secret),
			502, "exchange the code of a login by test: the provider answers with status 500",
		},
		"503": {
			says(503, "application/json", `{"`+secret+`":1}`),
			502, "exchange the code of a login by test: the provider answers with status 503",
		},
		"200 with a page": {
			says(200, "text/html", secret),
			502, "exchange the code of a login by test: the provider's answer is no token",
		},
		"200 with half of a form": {
			says(200, "application/x-www-form-urlencoded", "access_token=%"+secret),
			502, "exchange the code of a login by test: the provider's answer is no token",
		},
		"200 without a token": {
			says(200, "application/json", `{"token_type":"bearer"}`),
			502, "exchange the code of a login by test: the provider's answer is no token",
		},
		"more than 1 MiB": {
			says(200, "application/json", huge+`{"access_token":"x"}`),
			502, "exchange the code of a login by test: the provider's answer is no token",
		},
		"a redirect": {
			func(c *app.Call, _ url.Values) error {
				c.SetStatus(http.StatusTemporaryRedirect)
				return c.RespondRedirect("/elsewhere")
			},
			502, "exchange the code of a login by test: the provider answers with status 307",
		},
		"nothing for too long": {
			func(c *app.Call, _ url.Values) error {
				<-c.Context().Done()
				return c.Context().Err()
			},
			504, "exchange the code of a login by test: context deadline exceeded",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cause error
				s := start(t, func(c *oauth.Config) {
					c.OnFailure = func(_ *app.Call, err error) error { cause = err; return nil }
				})
				s.provider.answer = test.answer
				browser := s.browser()
				state := begin(t, browser, "/login").Get("state")
				before := time.Now()
				response := browser.Get(answer("code", "the-code", "state", state))
				assertText(t, response, test.status, http.StatusText(test.status))
				assert.EqualError(t, cause, test.cause)
				assert.Len(t, s.provider.asked(), 1, "a code is sent once")
				assert.LessOrEqual(t, time.Since(before), 10*time.Second)
				for _, record := range s.Log() {
					for _, hidden := range []string{secret, "the-code", "clientSecret1", state} {
						assert.NotContains(t, record.String(), hidden)
					}
				}
			})
		})
	}
}

// Nobody listens there.
func TestProviderThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(c *oauth.Config) { c.Settings.Endpoint.TokenURL = "https://down.example/token" })
		browser := s.browser()
		state := begin(t, browser, "/login").Get("state")
		assertText(t, browser.Get(answer("code", "x", "state", state)), http.StatusBadGateway, "Bad Gateway")
	})
}

func TestProviderThatRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refused *oauth.RefusedError
		s := start(t, func(c *oauth.Config) {
			c.OnFailure = func(_ *app.Call, err error) error {
				if !errors.Is(err, oauth.ErrState) {
					assert.ErrorAs(t, err, &refused)
				}
				return err
			}
		})
		browser := s.browser()
		state := begin(t, browser, "/login").Get("state")
		long := "no\r\n\"é" + strings.Repeat("x", 1000)
		response := browser.Get(answer("error", "access_denied", "error_description", long, "state", state))
		assertText(t, response, http.StatusUnauthorized, "Unauthorized")
		assert.Equal(t, "access_denied", refused.Code)
		assert.Equal(t, "no"+strings.Repeat("x", 254), refused.Description)
		assert.Equal(t, http.StatusUnauthorized, browser.Get(answer("code", "x", "state", state)).StatusCode, "the state is used")
		assert.Empty(t, s.provider.asked())
	})
}

// An answer that belongs to a login and says nothing.
func TestAnswerWithoutACode(t *testing.T) {
	for name, pairs := range map[string][]string{"none": {}, "empty": {"code", ""}, "two": {"code", "x", "code", "y"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t)
				browser := s.browser()
				state := begin(t, browser, "/login").Get("state")
				assert.Equal(t, http.StatusBadGateway, browser.Get(answer(append(pairs, "state", state)...)).StatusCode)
				assert.Empty(t, s.provider.asked())
			})
		})
	}
}

// What OnFailure may do.
func TestOnFailure(t *testing.T) {
	for name, test := range map[string]struct {
		handle func(c *app.Call, cause error) error
		status int
	}{
		"nothing":          {func(*app.Call, error) error { return nil }, 401},
		"a redirect":       {func(c *app.Call, _ error) error { return c.RespondRedirect("/welcome") }, 302},
		"another error":    {func(*app.Call, error) error { return app.NewError(http.StatusTeapot, "") }, 418},
		"a mistake of its": {func(*app.Call, error) error { return errors.New("x") }, 500},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, func(c *oauth.Config) { c.OnFailure = test.handle })
				assert.Equal(t, test.status, s.NewClient(apptest.NoRedirects()).Get(answer("code", "x", "state", "foreign-state")).StatusCode)
			})
		})
	}
}

// A user who leaves ends the request, and nothing is blamed on the provider.
func TestUserWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		arrived := make(chan struct{})
		s.provider.answer = func(c *app.Call, _ url.Values) error {
			close(arrived)
			<-c.Context().Done()
			return c.Context().Err()
		}
		response := s.NewClient(apptest.NoRedirects()).Get("/login")
		cookie := response.Cookies()[0].Name + "=" + response.Cookies()[0].Value
		conn := s.Dial()
		_, err := conn.Write([]byte("GET " + answer("code", "x", "state", sent(t, response).Get("state")) +
			" HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie + "\r\n\r\n"))
		require.NoError(t, err)
		<-arrived
		require.NoError(t, conn.Close())
		synctest.Wait()
		assert.Empty(t, s.Log().Find("the call failed").AtLeast(8))
	})
}
