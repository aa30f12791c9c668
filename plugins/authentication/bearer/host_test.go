package bearer_test

import (
	"net/http"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/routing"
)

// User is the principal of all tests.
type User struct{ Name string }

// letMeIn is the configuration of most of Ktor's tests.
func letMeIn(c *bearer.Config[User]) {
	c.Realm = ""
	c.Validate = func(_ *app.Call, given bearer.Credential) (User, error) {
		if given.Token != "letmein" {
			return User{}, authentication.ErrInvalidCredentials
		}
		return User{"admin"}, nil
	}
}

// guarded is a module whose root says who is calling.
func guarded(configure func(*bearer.Config[User])) app.Module {
	users := bearer.New("my-bearer", configure)
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Handle("/", func(c *app.Call) error { return c.RespondText(users.Principal(c).Name) }).
				Install(authentication.Require(users))
		})
	}
}

func serve(t testing.TB, configure func(*bearer.Config[User])) *apptest.Host {
	t.Helper()
	return apptest.Start(t, guarded(configure))
}

// authorization sends a header as it is.
func authorization(value string) apptest.RequestOption {
	return func(r *http.Request) { r.Header["Authorization"] = []string{value} }
}
