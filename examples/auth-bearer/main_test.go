package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestAuthRoute is Ktor's testAuthRoute.
func TestAuthRoute(t *testing.T) {
	response := apptest.Start(t, Module).Get("/", apptest.Header("Authorization", "Bearer abc123"))
	assert.Equal(t, "Hello, jetbrains!", apptest.Text(t, response))
}

func TestWrongToken(t *testing.T) {
	response := apptest.Start(t, Module).Get("/", apptest.Header("Authorization", "Bearer abc124"))
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, `Bearer realm="Access to the '/' path", error="invalid_token"`, response.Header.Get("WWW-Authenticate"))
}
