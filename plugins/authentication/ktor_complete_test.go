package authentication_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// shop is the application of Ktor's test: pages for all, a profile for who has a
// session, files for that and for tools with a password, and a form to log in.
func shop(a *app.Application) {
	handle := sessions.New[UserSession]("S")
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(handle, func(c *sessions.CookieConfig) { c.Sign([]byte("0123456789abcdef0123456789abcdef")) })
	}))
	byName := func(_ *app.Call, s UserSession) (User, error) { return User{s.Name}, nil }
	byPassword := func(_ *app.Call, given authentication.PasswordCredential) (User, error) { return User{given.Name}, nil }
	visitors := session.New("S", handle, func(c *session.Config[UserSession, User]) { c.Validate = byName })
	members := session.New("S_web", handle, func(c *session.Config[UserSession, User]) { c.Validate, c.LoginPath = byName, "/login" })
	tools := basic.New("B", func(c *basic.Config[User]) { c.Realm, c.Validate = "test-app", byPassword })
	logins := form.New("F", func(c *form.Config[User]) { c.Validate = byPassword })

	routing.Routes(a, func(r *routing.Route) {
		r.Install(authentication.Optional(visitors))
		r.Get("/", func(c *app.Call) error {
			if user, ok := visitors.Get(c); ok {
				return c.RespondText("Logged in as " + user.Name + ".")
			}
			return c.RespondText("Not logged in.")
		})
		r.Get("/user/profile", func(c *app.Call) error {
			return c.RespondText("Profile for " + members.Principal(c).Name + ".")
		}).Install(authentication.Require(members))
		r.Get("/user/files/{name...}", func(c *app.Call) error {
			user, ok := visitors.Get(c)
			if !ok {
				user = tools.Principal(c)
			}
			return c.RespondText("File " + c.PathParam("name") + " for user " + user.Name + ".")
		}).Install(authentication.Require(visitors, tools))
		r.Get("/login", func(c *app.Call) error {
			if _, ok := visitors.Get(c); ok {
				return c.RespondRedirect("/")
			}
			return c.RespondText("Login form goes here.")
		})
		r.Post("/login", func(c *app.Call) error {
			name := logins.Principal(c).Name
			return errors.Join(handle.Set(c, UserSession{Name: name}), c.RespondText("Logged in successfully as "+name+"."))
		}).Install(authentication.Require(logins))
	})
}

// The case is AuthBuildersTest's. The session is signed, so that a login gives the
// cookie that the other requests have.
func TestKtorAuthBuildersTest_testCompleteApplication(t *testing.T) {
	t.Parallel()
	host := apptest.Start(t, shop)
	stranger := host.NewClient(apptest.NoRedirects())
	client := host.NewClient(apptest.NoRedirects(), apptest.Cookies())

	assert.Equal(t, "Not logged in.", apptest.Text(t, stranger.Get("/")))
	profile := stranger.Get("/user/profile")
	assert.Equal(t, http.StatusFound, profile.StatusCode)
	assert.Equal(t, "/login?return_to=%2Fuser%2Fprofile", profile.Header.Get("Location"))
	assert.Equal(t, "Login form goes here.", apptest.Text(t, stranger.Get("/login")))

	login := client.Post("/login", "application/x-www-form-urlencoded", strings.NewReader("user=tester&password="))
	assert.Contains(t, login.Header.Get("Set-Cookie"), "S=")
	assert.Equal(t, "Logged in successfully as tester.", apptest.Text(t, login))

	assert.Equal(t, "Logged in as tester.", apptest.Text(t, client.Get("/")))
	assert.Equal(t, "Profile for tester.", apptest.Text(t, client.Get("/user/profile")))
	assert.Equal(t, http.StatusFound, client.Get("/login").StatusCode)
	assert.Equal(t, "File doc1.txt for user tester.", apptest.Text(t, client.Get("/user/files/doc1.txt")))

	first := stranger.Get("/user/files/doc1.txt")
	assert.Equal(t, http.StatusUnauthorized, first.StatusCode)
	assert.Equal(t, `Basic realm="test-app", charset="UTF-8"`, first.Header.Get("WWW-Authenticate"))
	withPassword := func(r *http.Request) { r.SetBasicAuth("tester", "") }
	assert.Equal(t, "File doc1.txt for user tester.", apptest.Text(t, stranger.Get("/user/files/doc1.txt", withPassword)))
}
