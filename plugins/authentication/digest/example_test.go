package digest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
	"github.com/chitor-go/chitor/routing"
)

// Whoever asks without credentials is told how to come back.
func Example() {
	passwords := map[string]string{"jetbrains": "foobar"}
	users := digest.New("users", func(c *digest.Config[string]) {
		c.Realm = "Access to the '/' path"
		c.DigestProvider = func(_ *app.Call, userName, realm string, algorithm digest.Algorithm) ([]byte, error) {
			password, found := passwords[userName]
			if !found {
				return nil, nil
			}
			return algorithm.HA1(userName, realm, password), nil
		}
	})
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c) + "!")
			}).Install(authentication.Require(users))
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	fmt.Println(recorder.Code)
	for _, challenge := range recorder.Header().Values("WWW-Authenticate") {
		before, after, _ := strings.Cut(challenge, "nonce=")
		_, after, _ = strings.Cut(after, ", ")
		fmt.Println(before + "..., " + after)
	}
	// Output:
	// 401
	// Digest realm="Access to the '/' path", qop="auth", ..., charset=UTF-8, algorithm=SHA-256
	// Digest realm="Access to the '/' path", qop="auth", ..., charset=UTF-8, algorithm=SHA-512-256
}
