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

	"github.com/chitor-go/chitor/apptest"
)

func login(t *testing.T, host *apptest.Host, user string) apptest.RequestOption {
	t.Helper()
	response := host.Post("/login", "application/json", strings.NewReader(`{"username":"`+user+`","password":"foobar"}`))
	require.Equal(t, http.StatusOK, response.StatusCode)
	var answer struct{ Token string }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return apptest.Header("Authorization", "Bearer "+answer.Token)
}

// The case is Ktor's ApplicationTest: testHello.
func TestHello(t *testing.T) {
	host := apptest.Start(t, Module, apptest.Configuration("application.conf"))
	assert.Contains(t, apptest.Text(t, host.Get("/hello", login(t, host, "jetbrains"))), "Hello, jetbrains!")
}

// What Ktor's does not test: who is refused.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module, apptest.Configuration("application.conf"))
		token := login(t, host, "jetbrains")
		assert.Equal(t, "Hello, jetbrains! Token is expired at 60000 ms.", apptest.Text(t, host.Get("/hello", token)))
		time.Sleep(65 * time.Second)
		for _, options := range [][]apptest.RequestOption{{token}, {login(t, host, "")}, {}} {
			response := host.Get("/hello", options...)
			assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
			assert.Equal(t, "Token is not valid or has expired", apptest.Text(t, response))
			assert.Contains(t, response.Header.Get("WWW-Authenticate"), `Bearer realm="Access to 'hello'"`)
		}
	})
	assert.ErrorContains(t, apptest.StartError(t, Module), "jwt.secret")
}
