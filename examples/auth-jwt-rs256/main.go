// Auth-jwt-rs256 is Ktor's sample of that name: a login hands out a token that is
// signed with RSA, and the key that verifies it is fetched from where it is
// published, which is this application as well.
//
//	go run ./examples/auth-jwt-rs256
//	curl localhost:8080/login -H 'Content-Type: application/json' \
//	  -d '{"username": "jetbrains", "password": "foobar"}'
//	curl -i localhost:8080/hello -H "Authorization: Bearer $TOKEN"
//
// The key is published at the issuer of application.conf. On another port that is
// another address:
//
//	PORT=9090 go run ./examples/auth-jwt-rs256 -P:jwt.issuer=http://127.0.0.1:9090/
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
	Issuer   string `property:",required"`
	Audience string `property:",required"`
	Realm    string
}

// Module is the application.
func Module(a *app.Application) { module(a, nil) }

// module is the application, whose keys are fetched with a client.
func module(a *app.Application, client *http.Client) {
	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
	var settings Settings
	if err := a.Config().Properties.Decode("jwt", &settings); err != nil {
		a.Fail(err)
		return
	}
	issuer, err := newIssuer(settings)
	if err != nil {
		a.Fail(err)
		return
	}
	users := scheme(settings, client)

	routing.Routes(a, func(r *routing.Route) {
		r.Post("/login", func(c *app.Call) error {
			user, err := app.Receive[User](c)
			if err != nil {
				return err
			}
			// Here name and password are checked, as plugins/authentication/passwords does.
			token, err := issuer.token(user)
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
		r.Get("/.well-known/jwks.json", func(c *app.Call) error { return c.Respond(issuer.jwks()) })
	})
}

// scheme says who is calling by the tokens of the issuer.
func scheme(settings Settings, client *http.Client) *authentication.Scheme[Claims] {
	return jwt.New("auth-jwt", func(c *jwt.Config[Claims, Claims]) {
		c.Realm = settings.Realm
		c.Keys = jwt.JWKS(settings.Issuer+".well-known/jwks.json", func(j *jwt.JWKSConfig) { j.Client = client })
		c.Issuer, c.Audience = settings.Issuer, []string{settings.Audience}
		c.Leeway = 3 * time.Second
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
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
