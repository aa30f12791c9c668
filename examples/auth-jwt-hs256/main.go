// Auth-jwt-hs256 is Ktor's sample of that name: a login hands out a token that is
// signed with a secret, and the token is who is calling.
//
//	go run ./examples/auth-jwt-hs256
//	curl localhost:8080/login -H 'Content-Type: application/json' \
//	  -d '{"username": "jetbrains", "password": "foobar"}'
//	curl -i localhost:8080/hello -H "Authorization: Bearer $TOKEN"
package main

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// User is what a login is asked with.
type User struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Claims are what a token says.
type Claims struct {
	gojwt.RegisteredClaims

	Username string `json:"username"`
}

// Settings are those of the configuration.
type Settings struct {
	Secret   string `property:",required"`
	Issuer   string `property:",required"`
	Audience string `property:",required"`
	Realm    string
}

// token makes a token for a user, which is good for a minute.
func (s Settings) token(user User) (string, error) {
	claims := Claims{gojwt.RegisteredClaims{
		Issuer: s.Issuer, Audience: gojwt.ClaimStrings{s.Audience}, ExpiresAt: gojwt.NewNumericDate(time.Now().Add(time.Minute)),
	}, user.Username}
	text, err := gojwt.NewWithClaims(gojwt.SigningMethodHS256, claims).SignedString([]byte(s.Secret))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text, nil
}

// Module is the application.
func Module(a *app.Application) {
	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
	var settings Settings
	if err := a.Config().Properties.Decode("jwt", &settings); err != nil {
		a.Fail(err)
		return
	}
	users := jwt.New("auth-jwt", func(c *jwt.Config[Claims, Claims]) {
		c.Realm = settings.Realm
		c.Keys = jwt.Secret([]byte(settings.Secret))
		c.Issuer, c.Audience = settings.Issuer, []string{settings.Audience}
		c.Validate = func(_ *app.Call, token jwt.Token[Claims]) (Claims, error) {
			if token.Claims.Username == "" {
				return Claims{}, authentication.ErrInvalidCredentials
			}
			return token.Claims, nil
		}
		c.OnUnauthorized = func(c *app.Call, refused *authentication.UnauthorizedError) error {
			c.Header()["Www-Authenticate"] = refused.Challenges
			c.SetStatus(http.StatusUnauthorized)
			return c.RespondText("Token is not valid or has expired")
		}
	})

	routing.Routes(a, func(r *routing.Route) {
		r.Post("/login", func(c *app.Call) error {
			user, err := app.Receive[User](c)
			if err != nil {
				return err
			}
			// Here name and password are checked, as plugins/authentication/passwords does.
			token, err := settings.token(user)
			if err != nil {
				return err
			}
			return c.Respond(map[string]string{"token": token})
		})
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/hello", func(c *app.Call) error {
				claims := users.Principal(c)
				return c.RespondText(fmt.Sprintf("Hello, %s! Token is expired at %d ms.",
					claims.Username, time.Until(claims.ExpiresAt.Time).Milliseconds()))
			})
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
