// Auth-oauth-google is Ktor's sample of that name: a login with Google, whose
// profile says how to greet. It needs the ID and the secret of a client in
// GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, which Google's console gives for the
// redirect URI http://localhost:8080/callback.
package main

import (
	"embed"
	"errors"
	"net/http"
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// UserSession is what is known of a user from one call to the next.
type UserSession struct{ Token *oauth2.Token }

// UserInfo is what Google says about a user.
type UserInfo struct {
	Name string `json:"name"`
}

// Provider is Google, or what stands for it in a test.
type Provider struct {
	Settings oauth2.Config
	UserInfo string       // the address of the profile
	Client   *http.Client // nil for the usual one
}

// Greeting returns the application that greets the users of a provider.
func Greeting(p Provider) app.Module {
	return func(a *app.Application) {
		current := sessions.New[UserSession]("user_session")
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(current, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
		}))
		users := session.New("users", current, func(c *session.Config[UserSession, UserSession]) {
			c.Validate = func(_ *app.Call, s UserSession) (UserSession, error) { return s, nil }
			c.LoginPath = "/login"
		})
		google := oauth.New("auth-oauth-google", func(c *oauth.Config) {
			c.Settings, c.Client = p.Settings, p.Client
			c.Home = "/home"
			c.AuthorizeParams = func(*app.Call) map[string]string { return map[string]string{"access_type": "offline"} }
			c.OnLogin = func(c *app.Call, login *oauth.Login) error {
				return errors.Join(current.RenewID(c), current.Set(c, UserSession{login.Token}))
			}
			c.OnFailure = func(c *app.Call, cause error) error {
				if _, refused := errors.AsType[*oauth.RefusedError](cause); refused {
					return c.RespondRedirect("/login-after-fallback")
				}
				return app.NewError(http.StatusForbidden, "The login has failed.")
			}
		})
		greet := func(ending string) app.Handler {
			return func(c *app.Call) error {
				save := func(fresh *oauth2.Token) error { return current.Set(c, UserSession{fresh}) }
				token := google.TokenSource(c, users.Principal(c).Token, save)
				user, err := oauth.Fetch[UserInfo](c, google, token, p.UserInfo)
				if err != nil {
					return err
				}
				return c.RespondText("Hello, " + user.Name + "!" + ending)
			}
		}
		routing.Routes(a, func(r *routing.Route) {
			google.Routes(r)
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("Content-Type", "text/html; charset=utf-8")
				return c.RespondText(`<!DOCTYPE html><p><a href="/login">Login with Google</a></p>`)
			})
			r.Get("/login-after-fallback", func(c *app.Call) error { return c.RespondText("Redirected after fallback") })
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(users))
				r.Get("/home", greet(" Welcome home!"))
				r.Get("/{path}", greet(""))
			})
		})
	}
}

func main() {
	module := Greeting(Provider{
		Settings: oauth2.Config{
			ClientID:     os.Getenv("GOOGLE_CLIENT_ID"),
			ClientSecret: os.Getenv("GOOGLE_CLIENT_SECRET"),
			Endpoint:     endpoints.Google,
			RedirectURL:  "http://localhost:8080/callback",
			Scopes:       []string{"https://www.googleapis.com/auth/userinfo.profile"},
		},
		UserInfo: "https://www.googleapis.com/oauth2/v2/userinfo",
	})
	engine.Main(engine.Modules{"com.example.oauth.google.ApplicationKt.main": module}, engine.Resources(resources))
}
