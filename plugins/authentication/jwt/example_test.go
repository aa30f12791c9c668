package jwt_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/routing"
)

// ask prints what calls with and without a token get.
func ask(module app.Module, tokens ...string) {
	application := app.New(module)
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, token := range tokens {
		request := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Code, recorder.Body)
		if challenge := recorder.Header().Get("WWW-Authenticate"); challenge != "" {
			fmt.Println("   ", challenge)
		}
	}
}

// token is what a login would hand out.
func token(secret []byte, subject string, expires time.Time) string {
	claims := gojwt.RegisteredClaims{
		Issuer: "https://api.example.com/", Audience: gojwt.ClaimStrings{"https://api.example.com"},
		Subject: subject, ExpiresAt: gojwt.NewNumericDate(expires),
	}
	text, err := gojwt.NewWithClaims(gojwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		fmt.Println(err)
	}
	return text
}

// The claims of a token are who is calling.
func Example() {
	secret := []byte("thirty-two bytes or more, at random")
	users := jwt.New("users", func(c *jwt.Config[gojwt.RegisteredClaims, gojwt.RegisteredClaims]) {
		c.Realm, c.Keys = "api", jwt.Secret(secret)
		c.Issuer, c.Audience = "https://api.example.com/", []string{"https://api.example.com"}
	})
	ask(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/me", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c).Subject + "!")
			}).Install(authentication.Require(users))
		})
	}, token(secret, "ada", time.Now().Add(time.Hour)), token(secret, "ada", time.Now().Add(-time.Hour)), "")
	// Output:
	// 200 Hello, ada!
	// 401 Unauthorized
	//     Bearer realm="api", error="invalid_token", error_description="the token has expired"
	// 401 Unauthorized
	//     Bearer realm="api"
}

// User is a principal that is no set of claims.
type User struct{ Name string }

// Validate makes a principal of another type, and refuses whom it does not know.
func ExampleNew_validate() {
	secret := []byte("thirty-two bytes or more, at random")
	users := jwt.New("users", func(c *jwt.Config[gojwt.RegisteredClaims, User]) {
		c.Keys = jwt.Secret(secret)
		c.Issuer, c.Audience = "https://api.example.com/", []string{"https://api.example.com"}
		c.Validate = func(_ *app.Call, token jwt.Token[gojwt.RegisteredClaims]) (User, error) {
			if token.Claims.Subject == "eve" {
				return User{}, fmt.Errorf("eve is blocked: %w", authentication.ErrInvalidCredentials)
			}
			return User{Name: token.Claims.Subject}, nil
		}
	})
	ask(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/me", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c).Name + "!")
			}).Install(authentication.Require(users))
		})
	}, token(secret, "ada", time.Now().Add(time.Hour)), token(secret, "eve", time.Now().Add(time.Hour)))
	// Output:
	// 200 Hello, ada!
	// 401 Unauthorized
	//     Bearer realm="Chitor Server", error="invalid_token"
}
