package authentication_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/routing"
)

// User is the principal of most tests.
type User struct{ Name string }

// byHeader returns a scheme whose credentials are a header of its own name: "bad"
// is wrong, "known" is not let in, "down" cannot be looked up, any other is the
// name of a user.
func byHeader(name string, change ...func(*authentication.Provider[User])) *authentication.Scheme[User] {
	provider := authentication.Provider[User]{
		Authenticate: func(c *app.Call) (User, error) {
			switch value := c.Request.Header.Get(name); value {
			case "":
				return User{}, authentication.ErrNoCredentials
			case "bad":
				return User{}, fmt.Errorf("%s is unknown: %w", name, authentication.ErrInvalidCredentials)
			case "known":
				return User{}, authentication.ErrForbidden
			case "down":
				return User{}, errors.New("the database is down")
			default:
				return User{value}, nil
			}
		},
		Challenge: func(*app.Call, error) []string { return []string{name + ` realm="test"`} },
	}
	for _, c := range change {
		c(&provider)
	}
	return authentication.New(name, provider)
}

// with returns the option of a request with headers, name after value.
func with(pairs ...string) apptest.RequestOption {
	return func(r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			r.Header.Add(pairs[i], pairs[i+1])
		}
	}
}

// who answers with who is calling, by each scheme that knows.
func who(schemes ...*authentication.Scheme[User]) app.Handler {
	return func(c *app.Call) error {
		text := "hello"
		for _, scheme := range schemes {
			if user, ok := scheme.Get(c); ok {
				text += " " + user.Name
			}
		}
		return c.RespondText(text)
	}
}

// guarded is a module whose routes below / are behind installables, in groups
// from the outside to the inside.
func guarded(handler app.Handler, layers ...app.Installable) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			nest(r, layers, func(r *routing.Route) { r.Get("/", handler) })
		})
	}
}

func nest(r *routing.Route, layers []app.Installable, block func(*routing.Route)) {
	if len(layers) == 0 {
		block(r)
		return
	}
	r.Group(func(r *routing.Route) {
		r.Install(layers[0])
		nest(r, layers[1:], block)
	})
}

// assertAnswer asks for / and compares status and text.
func assertAnswer(t *testing.T, host *apptest.Host, status int, text string, headers ...string) *http.Response {
	t.Helper()
	response := host.Get("/", with(headers...))
	assert.Equal(t, status, response.StatusCode, headers)
	assert.Equal(t, text, apptest.Text(t, response), headers)
	return response
}

// assertMistake starts a module and looks for a text in what Start returns.
func assertMistake(t *testing.T, module app.Module, text string) {
	t.Helper()
	require.ErrorContains(t, apptest.StartError(t, module), text)
}
