package oidc_test

import (
	"fmt"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication/oidc"
	"github.com/chitor-go/chitor/routing"
)

// GET /login sends the browser to Google, which says who the user is.
func Example() {
	type Claims struct {
		Name string `json:"name"`
	}
	google := oidc.New("google", func(c *oidc.Config[Claims]) {
		c.Issuer = "https://accounts.google.com"
		c.ClientID, c.ClientSecret = os.Getenv("GOOGLE_CLIENT_ID"), os.Getenv("GOOGLE_CLIENT_SECRET")
		c.RedirectURL = "http://localhost:8080/callback"
		c.Scopes = []string{"profile"}
		c.OnLogin = func(c *app.Call, login *oidc.Login[Claims]) error {
			return c.RespondText("Hello, " + login.Claims.Name + "!")
		}
	})
	module := func(a *app.Application) { routing.Routes(a, google.Routes) }
	server := engine.EmbeddedServer(module, engine.Port(8080))
	_ = server // server.Run() serves until the process is told to stop
	fmt.Println(google.Name())
	// Output: google
}
