package apikey_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/apikey"
	"github.com/chitor-go/chitor/routing"
)

// One key, of one partner.
func Example() {
	const key = "correct-horse" // of the configuration, in earnest
	partners := apikey.New("partners", func(c *apikey.Config[string]) {
		c.Validate = func(_ *app.Call, given apikey.Credential) (string, error) {
			if subtle.ConstantTimeCompare([]byte(given.Key), []byte(key)) != 1 {
				return "", authentication.ErrInvalidCredentials
			}
			return "partner", nil
		}
	})
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Install(authentication.Require(partners))
			r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, " + partners.Principal(c) + "!") })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, sent := range []string{"correct-horse", "battery-staple"} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Header.Set(apikey.DefaultHeader, sent)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Code, recorder.Body)
	}
	// Output:
	// 200 Hello, partner!
	// 401 Unauthorized
}
