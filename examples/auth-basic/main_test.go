package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func as(name, password string) apptest.RequestOption {
	return func(r *http.Request) { r.SetBasicAuth(name, password) }
}

// TestAuthRoute is Ktor's testAuthRoute.
func TestAuthRoute(t *testing.T) {
	response := apptest.Start(t, Module).Get("/", as("jetbrains", "foobar"))
	assert.Equal(t, "Hello, jetbrains!", apptest.Text(t, response))
}

func TestWhoIsRefused(t *testing.T) {
	host := apptest.Start(t, Module)
	for _, wrong := range []apptest.RequestOption{as("jetbrains", ""), as("jetbrains", "foobar2"), as("Jetbrains", "foobar"), func(*http.Request) {}} {
		response := host.Get("/", wrong)
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		assert.Equal(t, `Basic realm="Access to the '/' path", charset="UTF-8"`, response.Header.Get("WWW-Authenticate"))
	}
}
