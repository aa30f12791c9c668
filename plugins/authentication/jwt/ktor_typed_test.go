package jwt_test

import (
	"net/http"
	"testing"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/routing"
)

type jwtUser struct{ name string }

func typed(changes ...func(*jwt.Config[gojwt.RegisteredClaims, jwtUser])) *authentication.Scheme[jwtUser] {
	return jwt.New("typed-jwt", func(c *jwt.Config[gojwt.RegisteredClaims, jwtUser]) {
		c.Keys, c.Issuer, c.Audience, c.Skip = jwt.Secret(secret), issuer, []string{audience}, jwt.CheckExpiry
		c.Validate = func(_ *app.Call, token jwt.Token[gojwt.RegisteredClaims]) (jwtUser, error) {
			return jwtUser{token.Claims.Subject}, nil
		}
		for _, change := range changes {
			change(c)
		}
	})
}

func profile(users *authentication.Scheme[jwtUser]) app.Handler {
	return func(c *app.Call) error { return c.RespondText(users.Principal(c).name) }
}

// The cases are TypedJwtAuthTest of Ktor's branch typed-auth-dsl, under its
// names.
func TestKtorTypedJwtAuthTest(t *testing.T) {
	token := func(subject, audience string) string {
		return sign(t, gojwt.SigningMethodHS256, secret, gojwt.MapClaims{"aud": audience, "iss": issuer, "sub": subject}, nil)
	}
	serve := func(users *authentication.Scheme[jwtUser]) *apptest.Host {
		return apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) { r.Get("/profile", profile(users)).Install(authentication.Require(users)) })
		})
	}
	t.Run("jwt scheme authenticates and rejects", func(t *testing.T) {
		host := serve(typed())
		response := host.Get("/profile", bearer(token("alice", audience)))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "alice", apptest.Text(t, response))
		assert.Equal(t, http.StatusUnauthorized, host.Get("/profile").StatusCode)
		assert.Equal(t, http.StatusUnauthorized, host.Get("/profile", bearer(token("user", "wrong"))).StatusCode)
	})
	t.Run("jwt scheme accepts configured auth schemes", func(t *testing.T) {
		host := serve(typed(func(c *jwt.Config[gojwt.RegisteredClaims, jwtUser]) {
			c.Sources = []authentication.TokenSource{authentication.FromAuthorization("Bearer"), authentication.FromAuthorization("Token")}
		}))
		response := host.Get("/profile", apptest.Header("Authorization", "Token "+token("token-user", audience)))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "token-user", apptest.Text(t, response))
	})
	t.Run("jwt scheme accepts configured auth header", func(t *testing.T) {
		host := serve(typed(func(c *jwt.Config[gojwt.RegisteredClaims, jwtUser]) {
			c.Sources = []authentication.TokenSource{authentication.FromHeader("X-Auth")}
		}))
		response := host.Get("/profile", apptest.Header("X-Auth", token("header-user", audience)))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "header-user", apptest.Text(t, response))
	})
	t.Run("jwt onUnauthorized can be configured per scheme and route", func(t *testing.T) {
		answer := func(place string) func(*app.Call, *authentication.UnauthorizedError) error {
			return func(c *app.Call, refused *authentication.UnauthorizedError) error {
				c.SetStatus(http.StatusUnauthorized)
				if refused.NoCredentials() {
					return c.RespondText(place + ":NoCredentials")
				}
				return c.RespondText(place + ":InvalidCredentials")
			}
		}
		users := typed(func(c *jwt.Config[gojwt.RegisteredClaims, jwtUser]) { c.OnUnauthorized = answer("scheme") })
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/scheme", profile(users)).Install(authentication.Require(users))
				r.Get("/route", profile(users)).Install(authentication.Plugin.With(func(c *authentication.Config) {
					c.Schemes, c.OnUnauthorized = []authentication.Authenticator{users}, answer("route")
				}))
			})
		})
		response := host.Get("/scheme")
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		assert.Equal(t, "scheme:NoCredentials", apptest.Text(t, response))
		response = host.Get("/route", bearer(token("user", "wrong")))
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		assert.Equal(t, "route:InvalidCredentials", apptest.Text(t, response))
	})
}
