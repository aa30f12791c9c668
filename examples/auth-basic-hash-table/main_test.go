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
	response := apptest.Start(t, Module).Get("/", as("admin", "password"))
	assert.Equal(t, "Hello, admin!", apptest.Text(t, response))
}

func TestUsers(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, jetbrains!", apptest.Text(t, host.Get("/", as("jetbrains", "foobar"))))
	for name, password := range map[string]string{"admin": "foobar", "jetbrains": "password", "nobody": "password"} {
		assert.Equal(t, http.StatusUnauthorized, host.Get("/", as(name, password)).StatusCode, name)
	}
}
