package main

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

func as(name, password string) apptest.RequestOption {
	return func(r *http.Request) { r.SetBasicAuth(name, password) }
}

// The first two cases are Ktor's testAuthRoute.
func TestAuthRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		for _, test := range []struct {
			path, name, password string
			status               int
			text                 string
		}{
			{"/admin", "jetbrains", "foobar", 403, "You are not allowed to visit this page"},
			{"/profile", "jetbrains", "foobar", 200, "Hello, jetbrains!"},
			{"/admin", "admin", "foobar", 200, "Hello, admin!"},
			{"/profile", "admin", "foobar", 200, "Hello, admin!"},
			{"/profile", "nobody", "foobar", 401, "Unauthorized"},
			{"/profile", "admin", "", 401, "Unauthorized"},
		} {
			response := host.Get(test.path, as(test.name, test.password))
			assert.Equal(t, test.status, response.StatusCode, test)
			assert.Equal(t, test.text, apptest.Text(t, response), test)
		}
		assert.Equal(t, http.StatusUnauthorized, host.Get("/admin").StatusCode)
	})
}

func TestAuthorizationWithoutRole(t *testing.T) {
	err := apptest.StartError(t, func(a *app.Application) { a.Install(Authorization) })
	assert.ErrorContains(t, err, "install Authorization: the function Role is nil")
}
