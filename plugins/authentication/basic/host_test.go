package basic_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/routing"
)

// User is the principal of all tests.
type User struct{ Name string }

// byName accepts names that are their own passwords.
func byName(_ *app.Call, given basic.Credential) (User, error) {
	if given.Name != given.Password {
		return User{}, authentication.ErrInvalidCredentials
	}
	return User{given.Name}, nil
}

// serve starts an application whose root tells a secret to those whom a scheme
// accepts.
func serve(t testing.TB, configure func(*basic.Config[User])) *apptest.Host {
	t.Helper()
	return apptest.Start(t, guarded(configure))
}

func guarded(configure func(*basic.Config[User])) app.Module {
	users := basic.New("users", configure)
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Handle("/", func(c *app.Call) error { return c.RespondText("Secret info for " + users.Principal(c).Name) }).
				Install(authentication.Require(users))
		})
	}
}

// as sends a name and a password, in UTF-8.
func as(name, password string) apptest.RequestOption {
	return authorization("Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
}

// authorization sends a header as it is.
func authorization(value string) apptest.RequestOption {
	return func(r *http.Request) { r.Header["Authorization"] = []string{value} }
}
