package bearer_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
)

func assertAccepted(t *testing.T, text string, response *http.Response) {
	t.Helper()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, text, apptest.Text(t, response))
}

func assertRefused(t *testing.T, challenge string, response *http.Response) {
	t.Helper()
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, []string{challenge}, response.Header["Www-Authenticate"])
}

func TestKtorBearerAuthTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ header, challenge string }{
		"unauthorized_with_no_auth":      {"", "Bearer"},
		"unauthorized_with_no_token":     {"Bearer", "Bearer"},
		"unauthorized_with_wrong_scheme": {"Custom letmein", "Bearer"},
		// Here and below Ktor's challenge does not say that the token is wrong.
		"unauthorized_with_wrong_token":         {"Bearer opensaysme", `Bearer error="invalid_token"`},
		"unauthorized_with_parameterized_token": {"Bearer Token=letmein", `Bearer error="invalid_token"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options []apptest.RequestOption
			if test.header != "" {
				options = append(options, authorization(test.header))
			}
			assertRefused(t, test.challenge, serve(t, letMeIn).Get("/", options...))
		})
	}

	t.Run("successful_with_valid_token", func(t *testing.T) {
		t.Parallel()
		assertAccepted(t, "admin", serve(t, letMeIn).Get("/", authorization("Bearer letmein")))
	})

	t.Run("successful_with_different_cased_scheme", func(t *testing.T) {
		t.Parallel()
		assertAccepted(t, "admin", serve(t, letMeIn).Get("/", authorization("bearer letmein")))
	})

	t.Run("successful_with_additional_scheme", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *bearer.Config[User]) {
			letMeIn(c)
			c.Sources = []authentication.TokenSource{authentication.FromAuthorization("Bearer"), authentication.FromAuthorization("Custom")}
		})
		assertAccepted(t, "admin", host.Get("/", authorization("Custom letmein")))
	})

	t.Run("exception_when_auth_not_configured", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *bearer.Config[User]) {
			c.Validate = func(*app.Call, bearer.Credential) (User, error) { return User{}, errors.New("not implemented") }
		})
		assert.Equal(t, http.StatusInternalServerError, host.Get("/", authorization("Bearer letmein")).StatusCode)
		assert.ErrorContains(t, apptest.StartError(t, guarded(func(*bearer.Config[User]) {})), "the function Validate is nil")
	})

	t.Run("unauthorized_with_custom_realm_and_scheme", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *bearer.Config[User]) {
			letMeIn(c)
			c.Realm, c.AuthScheme = "serverland", "Stuff"
		})
		assertRefused(t, `Stuff realm="serverland"`, host.Get("/", authorization("Bearer Token=letmein")))
	})

	// A scheme is a value, and no name is looked up.
	t.Run("principal is retrievable by provider name", func(t *testing.T) {
		t.Parallel()
		host := serve(t, func(c *bearer.Config[User]) {
			c.Validate = func(*app.Call, bearer.Credential) (User, error) { return User{"admin"}, nil }
		})
		assertAccepted(t, "admin", host.Get("/", authorization("Bearer any-token")))
	})
}
