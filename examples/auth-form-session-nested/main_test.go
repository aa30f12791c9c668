package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// logIn posts the form.
func logIn(client *apptest.Client, name, password string) *http.Response {
	form := url.Values{"username": {name}, "password": {password}}
	return client.Post("/login", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// admin asks for the page by a password.
func admin(client *apptest.Client, name, password string) *http.Response {
	return client.Get("/admin", func(r *http.Request) { r.SetBasicAuth(name, password) })
}

// The case is that of Ktor's ApplicationTest.
func TestLoginProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		client := host.NewClient(apptest.Cookies(), apptest.NoRedirects())
		response := logIn(client, "jetbrains", "foobar")
		require.Len(t, response.Cookies(), 1)
		assert.Equal(t, "user_session", response.Cookies()[0].Name)
		assert.Equal(t, "Hi, jetbrains! Welcome to the Admin page.", apptest.Text(t, admin(client, "admin", "password")))

		other := host.NewClient(apptest.NoRedirects())
		assert.Equal(t, "/login", other.Get("/logout").Header.Get("Location"))
	})
}

// What Ktor's does not test: neither opens the page without the other.
func TestBothAreRequired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := apptest.Start(t, Module).NewClient(apptest.Cookies(), apptest.NoRedirects())
		assert.Equal(t, http.StatusFound, admin(client, "admin", "password").StatusCode, "to the login")
		logIn(client, "jetbrains", "foobar")
		asked := client.Get("/admin")
		assert.Equal(t, http.StatusUnauthorized, asked.StatusCode)
		assert.Contains(t, asked.Header.Get("WWW-Authenticate"), `Basic realm="Access to the '/admin' path"`)
		assert.Equal(t, http.StatusUnauthorized, admin(client, "admin", "wrong").StatusCode)
		assert.Equal(t, http.StatusOK, admin(client, "admin", "password").StatusCode)
	})
}
