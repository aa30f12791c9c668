package authtest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/authtest"
	"github.com/chitor-go/chitor/routing"
)

// The test in this file is that of the package's documentation.

// A User is who calls.
type User struct {
	Name  string
	Admin bool
}

// users are known by their passports, which a test need not forge.
var users = locked[User]("users")

// Module greets whom it knows.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Install(authentication.Require(users))
		r.Get("/me", func(c *app.Call) error { return c.RespondText("Hello, " + users.Principal(c).Name + "!") })
	})
}

func TestGreeting(t *testing.T) {
	host := apptest.Start(t, Module)
	require.Equal(t, http.StatusUnauthorized, host.Get("/me").StatusCode)
	ann := authtest.As(host, users, User{Name: "ann"})
	require.Equal(t, "Hello, ann!", apptest.Text(t, ann.Get("/me")))
}
