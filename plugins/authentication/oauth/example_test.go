package oauth_test

import (
	"fmt"
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/routing"
)

// GET /login sends the browser to Google, which sends it back to /callback.
func Example() {
	google := oauth.New("google", func(c *oauth.Config) {
		c.Settings = oauth2.Config{
			ClientID:     os.Getenv("GOOGLE_CLIENT_ID"),
			ClientSecret: os.Getenv("GOOGLE_CLIENT_SECRET"),
			Endpoint:     endpoints.Google,
			RedirectURL:  "http://localhost:8080/callback",
			Scopes:       []string{"https://www.googleapis.com/auth/userinfo.profile"},
		}
		c.OnLogin = func(c *app.Call, login *oauth.Login) error {
			return c.RespondText("Hello! Your token is of type " + login.Token.Type())
		}
	})
	module := func(a *app.Application) { routing.Routes(a, google.Routes) }
	server := engine.EmbeddedServer(module, engine.Port(8080))
	_ = server // server.Run() serves until the process is told to stop
	fmt.Println(google.Name())
	// Output: google
}

// Who the user is, from the provider's API.
func ExampleFetch() {
	type UserInfo struct {
		Name string `json:"name"`
	}
	github := oauth.New("github", func(c *oauth.Config) {
		c.Settings = oauth2.Config{ClientID: "id", ClientSecret: "secret", Endpoint: endpoints.GitHub, RedirectURL: "https://shop.example/callback"}
		c.OnLogin = func(c *app.Call, login *oauth.Login) error { return nil }
	})
	greet := func(c *app.Call, token *oauth2.Token) error {
		user, err := oauth.Fetch[UserInfo](c, github, github.TokenSource(c, token, nil), "https://api.github.com/user")
		if err != nil {
			return err
		}
		return c.RespondText("Hello, " + user.Name)
	}
	_ = greet
	// Output:
}
