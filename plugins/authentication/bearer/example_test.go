package bearer_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/routing"
)

// Tokens that are looked up by their sums. An EventSource sends its own in the query.
func Example() {
	owners := map[string]User{ // by the SHA-256 sum of "abc123"
		"6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090": {Name: "jetbrains"},
	}
	users := bearer.New("users", func(c *bearer.Config[User]) {
		c.Sources = []authentication.TokenSource{
			authentication.FromAuthorization("Bearer"), authentication.FromQuery("access_token"),
		}
		c.Validate = func(_ *app.Call, given bearer.Credential) (User, error) {
			sum := sha256.Sum256([]byte(given.Token))
			owner, known := owners[hex.EncodeToString(sum[:])]
			if !known {
				return User{}, authentication.ErrInvalidCredentials
			}
			return owner, nil
		}
	})
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, " + users.Principal(c).Name + "!") })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, path := range []string{"/?access_token=abc123", "/?access_token=abc124", "/"} {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		fmt.Printf("%d %s %s\n", recorder.Code, recorder.Body, recorder.Header()["Www-Authenticate"])
	}
	// Output:
	// 200 Hello, jetbrains! []
	// 401 Unauthorized [Bearer realm="Chitor Server", error="invalid_token"]
	// 401 Unauthorized [Bearer realm="Chitor Server"]
}
