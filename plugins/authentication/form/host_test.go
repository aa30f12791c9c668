package form_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/routing"
)

// User is the principal of all tests.
type User struct{ Name string }

// byName accepts names that are their own passwords.
func byName(_ *app.Call, given form.Credential) (User, error) {
	if given.Name != given.Password {
		return User{}, authentication.ErrInvalidCredentials
	}
	return User{given.Name}, nil
}

// guarded is a module with routes behind a scheme, and plugins.
func guarded(configure func(*form.Config[User]), plugins ...app.Installable) app.Module {
	users := form.New("users", configure)
	return func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(users))
				r.Handle("/who", func(c *app.Call) error { return c.RespondText(users.Principal(c).Name) })
				r.Post("/fields", func(c *app.Call) error {
					fields, err := c.ReceiveForm()
					if err != nil {
						return err
					}
					return c.RespondText(fields.Encode())
				})
				r.Post("/body", func(c *app.Call) error {
					body, err := app.Receive[io.Reader](c)
					if err != nil {
						return err
					}
					text, err := io.ReadAll(body)
					return errors.Join(err, c.RespondBytes(text))
				})
			})
			r.Get("/login", func(c *app.Call) error { return c.RespondText("on to " + form.ReturnPath(c, "/")) })
		})
	}
}

func serve(t testing.TB, configure func(*form.Config[User])) *apptest.Host {
	t.Helper()
	return apptest.Start(t, guarded(configure))
}

const urlEncoded = "application/x-www-form-urlencoded"

// post posts fields.
func post(client *apptest.Client, path, fields string) *http.Response {
	return client.Post(path, urlEncoded, strings.NewReader(fields))
}
