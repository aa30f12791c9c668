package basic_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/routing"
)

// ktorTest is the configuration of most of Ktor's tests.
func ktorTest(c *basic.Config[User]) {
	c.Realm = "ktor-test"
	c.Validate = byName
}

func assertRefused(t *testing.T, response *http.Response) {
	t.Helper()
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.NotContains(t, apptest.Text(t, response), "Secret info")
	challenges, err := authentication.ParseChallenges(response.Header.Get("WWW-Authenticate"))
	require.NoError(t, err)
	require.Len(t, challenges, 1)
	assert.Equal(t, "Basic", challenges[0].Scheme)
	realm, _ := challenges[0].Params.Get("Realm")
	assert.Equal(t, "ktor-test", realm)
}

func assertAccepted(t *testing.T, response *http.Response) {
	t.Helper()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Contains(t, apptest.Text(t, response), "Secret info")
}

func TestKtorBasicAuthTest(t *testing.T) {
	t.Parallel()
	t.Run("testBasicAuthNoAuth", func(t *testing.T) {
		t.Parallel()
		response := serve(t, ktorTest).Get("/")
		assert.Equal(t, `Basic realm="ktor-test", charset="UTF-8"`, response.Header.Get("WWW-Authenticate"))
		assertRefused(t, response)
	})

	t.Run("testCharsetNull", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *basic.Config[User]) { ktorTest(c); c.Charset = "" })
		assert.Equal(t, `Basic realm="ktor-test"`, host.Get("/").Header.Get("WWW-Authenticate"))
	})

	// Ktor's basicAuthenticationCredentials is net/http's BasicAuth.
	t.Run("testBasicAuthNoInterceptor", func(t *testing.T) {
		t.Parallel()
		host := apptest.Start(t, func(a *app.Application) {
			a.Intercept(app.PhasePlugins, func(app.Handler) app.Handler {
				return func(c *app.Call) error {
					for range 2 {
						name, password, ok := c.Request.BasicAuth()
						assert.True(t, ok)
						assert.Equal(t, "user1 user1", name+" "+password)
					}
					return c.RespondText("ok")
				}
			})
		})
		assert.Equal(t, "ok", apptest.Text(t, host.Get("/", as("user1", "user1"))))
	})

	t.Run("testBasicAuthSuccess", func(t *testing.T) {
		t.Parallel()
		assertAccepted(t, serve(t, ktorTest).Get("/", as("user1", "user1")))
	})

	t.Run("testBadRequestOnInvalidHeader", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, http.StatusBadRequest, serve(t, ktorTest).Get("/", authorization("B<sic code")).StatusCode)
	})

	t.Run("testUtf8Charset", func(t *testing.T) {
		t.Parallel()
		assertAccepted(t, serve(t, ktorTest).Get("/", as("Лира", "Лира")))
	})

	t.Run("testBasicAuthFailed", func(t *testing.T) {
		t.Parallel()
		assertRefused(t, serve(t, ktorTest).Get("/", as("user1", "wrong password")))
	})

	t.Run("testBasicAuthDifferentScheme", func(t *testing.T) {
		t.Parallel()
		assertRefused(t, serve(t, ktorTest).Get("/", authorization("Bearer some-token")))
	})

	t.Run("testBasicAuthInvalidBase64", func(t *testing.T) {
		t.Parallel()
		assertRefused(t, serve(t, ktorTest).Get("/", authorization("Basic +-test")))
	})

	// What skips authentication is the layer, not the scheme.
	t.Run("testBasicAuthFiltered", func(t *testing.T) {
		t.Parallel()
		users := basic.New("users", ktorTest)
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(authentication.Plugin.With(func(c *authentication.Config) {
				c.Schemes = []authentication.Authenticator{users}
				c.SkipWhen = func(c *app.Call) bool { return strings.Contains(c.Request.URL.RawQuery, "backdoor") }
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error { return c.RespondText("Secret info") })
			})
		})
		assertAccepted(t, host.Get("/?backdoor", as("user1", "wrong password")))
		assertRefused(t, host.Get("/", as("user1", "wrong password")))
	})

	t.Run("testSimplifiedFlow", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *basic.Config[User]) {
			c.Realm = "ktor-test"
			c.Validate = func(_ *app.Call, given basic.Credential) (User, error) {
				if given.Name != "good" {
					return User{}, authentication.ErrInvalidCredentials
				}
				return User{given.Name}, nil
			}
		})
		assertRefused(t, host.Get("/", as("bad", "")))
		assertAccepted(t, host.Get("/", as("good", "")))
	})

	// In Ktor it starts, and every call is 500.
	t.Run("testNonConfiguredAuth", func(t *testing.T) {
		t.Parallel()
		err := apptest.StartError(t, guarded(func(*basic.Config[User]) {}))
		assert.ErrorContains(t, err, `scheme "users": the function Validate is nil`)
	})
}
