package main

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/apikey"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/plugins/authentication/session"
)

// A User is who is calling.
type User struct{ Name string }

// The one user there is. The secrets are in no log, which .ci/check-login looks
// for them in.
const (
	userName  = "Jürgen"
	password  = "correct horse: battery"
	opaque    = "opaque-token-of-the-check"
	key       = "key-of-the-check"
	issuer    = "https://id.example.com/"
	audience  = "https://api.example.com"
	loginPath = "/login"
)

type schemes struct {
	basic, digest, bearer, jwt, key, form, session *authentication.Scheme[User]
}

// newSchemes returns the schemes; the secret is that of the tokens.
func newSchemes(secret []byte) schemes {
	return schemes{
		basic: basic.New("basic", func(c *basic.Config[User]) {
			c.Validate = func(_ *app.Call, given basic.Credential) (User, error) { return byPassword(given) }
		}),
		digest: digest.New("digest", func(c *digest.Config[User]) {
			c.DigestProvider = func(_ *app.Call, name, realm string, algorithm digest.Algorithm) ([]byte, error) {
				if name != userName {
					return nil, nil
				}
				return algorithm.HA1(name, realm, password), nil
			}
			c.Validate = func(_ *app.Call, given digest.Credential) (User, error) { return User{given.UserName}, nil }
		}),
		bearer: bearer.New("bearer", func(c *bearer.Config[User]) {
			c.Validate = func(_ *app.Call, given bearer.Credential) (User, error) { return bySecret(given.Token, opaque) }
		}),
		jwt: jwt.New("jwt", func(c *jwt.Config[gojwt.RegisteredClaims, User]) {
			c.Keys, c.Issuer, c.Audience = jwt.Secret(secret), issuer, []string{audience}
			c.Validate = func(_ *app.Call, token jwt.Token[gojwt.RegisteredClaims]) (User, error) {
				return User{token.Claims.Subject}, nil
			}
		}),
		key: apikey.New("key", func(c *apikey.Config[User]) {
			c.Validate = func(_ *app.Call, given apikey.Credential) (User, error) { return bySecret(given.Key, key) }
		}),
		form: form.New("form", func(c *form.Config[User]) {
			c.LoginPath = loginPath
			c.Validate = func(_ *app.Call, given form.Credential) (User, error) { return byPassword(given) }
		}),
		session: session.New("session", login, func(c *session.Config[User, User]) {
			c.LoginPath = loginPath
			c.Validate = func(_ *app.Call, known User) (User, error) { return known, nil }
		}),
	}
}

func byPassword(given authentication.PasswordCredential) (User, error) {
	if given.Name != userName {
		return User{}, fmt.Errorf("no user has that name: %w", authentication.ErrInvalidCredentials)
	}
	return bySecret(given.Password, password)
}

func bySecret(given, want string) (User, error) {
	if subtle.ConstantTimeCompare([]byte(given), []byte(want)) != 1 {
		return User{}, fmt.Errorf("it is not the secret: %w", authentication.ErrInvalidCredentials)
	}
	return User{userName}, nil
}

// token responds with a token that lasts as long as the query says.
func token(c *app.Call, secret []byte) error {
	life, err := time.ParseDuration(c.QueryParam("life"))
	if err != nil {
		return app.NewError(http.StatusBadRequest, err.Error())
	}
	text, err := gojwt.NewWithClaims(gojwt.SigningMethodHS256, gojwt.RegisteredClaims{
		Subject: userName, Issuer: issuer, Audience: gojwt.ClaimStrings{audience},
		ExpiresAt: gojwt.NewNumericDate(time.Now().Add(life)),
	}).SignedString(secret)
	if err != nil {
		return err
	}
	return c.RespondText(text)
}
