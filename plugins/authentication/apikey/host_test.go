package apikey_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/apikey"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// Principal is that of all tests.
type Principal struct {
	Key string `json:"key"`
}

// accept returns a function that accepts one key.
func accept(key string) func(*app.Call, apikey.Credential) (Principal, error) {
	return func(_ *app.Call, given apikey.Credential) (Principal, error) {
		if given.Key != key {
			return Principal{}, authentication.ErrInvalidCredentials
		}
		return Principal{given.Key}, nil
	}
}

// guarded is a module with an open route, and one that says who is calling.
func guarded(configure func(*apikey.Config[Principal])) app.Module {
	keys := apikey.New("api-key", configure)
	return func(a *app.Application) {
		a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/open", func(c *app.Call) error { return c.RespondText("open") })
			r.Get("/authenticated", func(c *app.Call) error { return c.Respond(keys.Principal(c)) }).
				Install(authentication.Require(keys))
		})
	}
}

func serve(t testing.TB, configure func(*apikey.Config[Principal])) *apptest.Host {
	t.Helper()
	return apptest.Start(t, guarded(configure))
}
