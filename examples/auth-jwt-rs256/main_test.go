package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// start serves the application, which fetches its keys from itself.
func start(t *testing.T) *apptest.Host {
	t.Helper()
	host := apptest.New(t, apptest.Configuration("application.conf"),
		apptest.Properties(map[string]any{"jwt": map[string]any{"issuer": "http://localhost/"}}))
	host.Start(func(a *app.Application) { module(a, host.Client()) })
	return host
}

func login(t *testing.T, host *apptest.Host, user string) apptest.RequestOption {
	t.Helper()
	response := host.Post("/login", "application/json", strings.NewReader(`{"username":"`+user+`","password":"foobar"}`))
	require.Equal(t, http.StatusOK, response.StatusCode)
	var answer struct{ Token string }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return apptest.Header("Authorization", "Bearer "+answer.Token)
}

// Ktor's sample has no tests.
func TestHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		token := login(t, host, "jetbrains")
		assert.Equal(t, "Hello, jetbrains! Token is expired at 60000 ms.", apptest.Text(t, host.Get("/hello", token)))
		assertRefused(t, host, login(t, start(t), "jetbrains")) // by the key of another
		assertRefused(t, host, login(t, host, ""))
		assertRefused(t, host)
		time.Sleep(63 * time.Second)
		assertRefused(t, host, token)
	})
}

func assertRefused(t *testing.T, host *apptest.Host, options ...apptest.RequestOption) {
	t.Helper()
	response := host.Get("/hello", options...)
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, "Token is not valid or has expired", apptest.Text(t, response))
	assert.Contains(t, response.Header.Get("WWW-Authenticate"), `Bearer realm="Access to 'hello'"`)
}
