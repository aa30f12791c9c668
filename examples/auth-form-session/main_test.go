package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// logIn posts the form.
func logIn(client *apptest.Client, name, password string) *http.Response {
	form := url.Values{"username": {name}, "password": {password}}
	return client.Post("/login", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// The case is that of Ktor's ApplicationTest.
func TestRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := apptest.Start(t, Module).NewClient(apptest.Cookies(), apptest.NoRedirects())
		response := logIn(client, "jetbrains", "foobar")
		require.Len(t, response.Cookies(), 1)
		assert.Equal(t, "user_session", response.Cookies()[0].Name)
	})
}

// What Ktor's does not test: who is not let in, the visits, and the end.
func TestVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := apptest.Start(t, Module).NewClient(apptest.Cookies())
		assert.Contains(t, apptest.Text(t, client.Get("/hello")), `<form action="/login" method="post">`)
		assert.Equal(t, http.StatusUnauthorized, logIn(client, "jetbrains", "wrong").StatusCode)
		assert.Equal(t, http.StatusUnauthorized, logIn(client, "nobody", "foobar").StatusCode)
		assert.Equal(t, "Hello, jetbrains! Visit count is 1.", apptest.Text(t, logIn(client, "jetbrains", "foobar")))
		assert.Equal(t, "Hello, jetbrains! Visit count is 2.", apptest.Text(t, client.Get("/hello")))
		assert.Contains(t, apptest.Text(t, client.Get("/logout")), "<form")
		assert.Contains(t, apptest.Text(t, client.Get("/hello")), "<form")

		logIn(client, "jetbrains", "foobar")
		time.Sleep(2 * time.Minute)
		assert.Contains(t, apptest.Text(t, client.Get("/hello")), "<form", "a session lasts for a minute")
	})
}
