package apikey_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/apikey"
	"github.com/chitor-go/chitor/routing"
)

func TestKtorApiKeyAuthTest(t *testing.T) {
	t.Parallel()
	// It throws where the scheme is made, and here Start returns it.
	t.Run("test apikey requires validate method to be configured", func(t *testing.T) {
		t.Parallel()
		err := apptest.StartError(t, guarded(func(*apikey.Config[Principal]) {}))
		assert.ErrorContains(t, err, `scheme "api-key": the function Validate is nil: it says whose key one is`)
	})

	t.Run("test apikey auth does not influence open routes", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *apikey.Config[Principal]) { c.Validate = accept("secret") })
		assert.Equal(t, http.StatusOK, host.Get("/open").StatusCode)
		for _, key := range []string{"secret", "secret-wrong"} {
			assert.Equal(t, http.StatusOK, host.Get("/open", apptest.Header("X-Api-Key", key)).StatusCode)
		}
	})

	t.Run("test reasonable defaults work", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *apikey.Config[Principal]) { c.Validate = accept("secret") })
		response := host.Get("/authenticated", apptest.Header("X-Api-Key", "secret"))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.JSONEq(t, `{"key": "secret"}`, apptest.Text(t, response))
		assert.Equal(t, http.StatusUnauthorized, host.Get("/authenticated", apptest.Header("X-Api-Key", "secret-wrong")).StatusCode)
	})

	own := func(c *apikey.Config[Principal]) {
		c.HeaderName = "hello"
		c.Validate = accept("world")
		c.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error {
			return c.RespondStatus(http.StatusConflict)
		}
	}
	t.Run("test auth should accept valid api key", func(t *testing.T) {
		t.Parallel()
		response := serve(t, own).Get("/authenticated", apptest.Header("hello", "world"))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.JSONEq(t, `{"key": "world"}`, apptest.Text(t, response))
	})

	t.Run("test auth should accept reject invalid api key", func(t *testing.T) {
		t.Parallel()
		host := serve(t, own)
		assert.JSONEq(t, `{"key": "world"}`, apptest.Text(t, host.Get("/authenticated", apptest.Header("hello", "world"))))
		assert.Equal(t, http.StatusConflict, host.Get("/authenticated", apptest.Header("hello", "world-wrong")).StatusCode)
	})
}

// cause is what Ktor calls why a call is refused.
func cause(err error) string {
	if errors.Is(err, authentication.ErrNoCredentials) {
		return "NoCredentials"
	}
	return "InvalidCredentials"
}

// answering answers refused calls with the causes of all schemes, behind a text.
func answering(prefix string, named bool) func(*app.Call, *authentication.UnauthorizedError) error {
	return func(c *app.Call, refused *authentication.UnauthorizedError) error {
		var causes []string
		for _, refusal := range refused.Refusals {
			text := cause(refusal.Err)
			if named {
				text = refusal.Scheme + "=" + text
			}
			causes = append(causes, text)
		}
		c.SetStatus(http.StatusUnauthorized)
		return c.RespondText(prefix + strings.Join(causes, ";"))
	}
}

// TestKtorTypedApiKeyAuthTest has the tests of the branch typed-auth-dsl.
func TestKtorTypedApiKeyAuthTest(t *testing.T) {
	t.Parallel()
	scheme := func(name, header, key string, change ...func(*apikey.Config[Principal])) *authentication.Scheme[Principal] {
		return apikey.New(name, func(c *apikey.Config[Principal]) {
			c.HeaderName, c.Validate = header, accept(key)
			for _, f := range change {
				f(c)
			}
		})
	}
	show := func(keys *authentication.Scheme[Principal]) app.Handler {
		return func(c *app.Call) error { return c.RespondText(keys.Principal(c).Key) }
	}
	require := func(prefix string, named bool, schemes ...authentication.Authenticator) app.Installable {
		return authentication.Plugin.With(func(c *authentication.Config) {
			c.Schemes, c.OnUnauthorized = schemes, answering(prefix, named)
		})
	}
	start := func(t *testing.T, declare func(*routing.Route)) *apptest.Host {
		t.Helper()
		return apptest.Start(t, func(a *app.Application) { routing.Routes(a, declare) })
	}
	assertAnswer := func(t *testing.T, status int, text string, response *http.Response) {
		t.Helper()
		assert.Equal(t, status, response.StatusCode)
		assert.Equal(t, text, apptest.Text(t, response))
	}

	t.Run("api key scheme authenticates and rejects", func(t *testing.T) {
		t.Parallel()
		keys := scheme("typed-api-key", apikey.DefaultHeader, "valid")
		host := start(t, func(r *routing.Route) { r.Get("/protected", show(keys)).Install(require("", false, keys)) })
		assertAnswer(t, http.StatusOK, "valid", host.Get("/protected", apptest.Header(apikey.DefaultHeader, "valid")))
		assertAnswer(t, http.StatusUnauthorized, "NoCredentials", host.Get("/protected"))
		assertAnswer(t, http.StatusUnauthorized, "InvalidCredentials", host.Get("/protected", apptest.Header(apikey.DefaultHeader, "invalid")))
	})

	t.Run("api key scheme accepts configured header", func(t *testing.T) {
		t.Parallel()
		keys := scheme("typed-api-key-header", "X-Custom-Api-Key", "custom")
		host := start(t, func(r *routing.Route) { r.Get("/protected", show(keys)).Install(authentication.Require(keys)) })
		assertAnswer(t, http.StatusOK, "custom", host.Get("/protected", apptest.Header("X-Custom-Api-Key", "custom")))
	})

	t.Run("api key onUnauthorized can be configured per scheme and route", func(t *testing.T) {
		t.Parallel()
		keys := scheme("typed-api-key-unauthorized", apikey.DefaultHeader, "valid", func(c *apikey.Config[Principal]) {
			c.OnUnauthorized = answering("scheme:", false)
		})
		host := start(t, func(r *routing.Route) {
			r.Get("/scheme", show(keys)).Install(authentication.Require(keys))
			r.Get("/route", show(keys)).Install(require("route:", false, keys))
		})
		assertAnswer(t, http.StatusUnauthorized, "scheme:NoCredentials", host.Get("/scheme"))
		assertAnswer(t, http.StatusUnauthorized, "route:InvalidCredentials", host.Get("/route", apptest.Header(apikey.DefaultHeader, "invalid")))
	})

	t.Run("api key any-of failures are tracked per typed scheme name", func(t *testing.T) {
		t.Parallel()
		primary := scheme("primary-api-key", "X-Primary-Api-Key", "primary")
		secondary := scheme("secondary-api-key", "X-Secondary-Api-Key", "secondary")
		host := start(t, func(r *routing.Route) {
			r.Get("/protected", func(c *app.Call) error {
				if principal, ok := primary.Get(c); ok {
					return c.RespondText(principal.Key)
				}
				return c.RespondText(secondary.Principal(c).Key)
			}).Install(require("", true, primary, secondary))
		})
		assertAnswer(t, http.StatusUnauthorized, "primary-api-key=NoCredentials;secondary-api-key=InvalidCredentials",
			host.Get("/protected", apptest.Header("X-Secondary-Api-Key", "wrong")))
		assertAnswer(t, http.StatusOK, "secondary", host.Get("/protected", apptest.Header("X-Secondary-Api-Key", "secondary")))
	})
}
