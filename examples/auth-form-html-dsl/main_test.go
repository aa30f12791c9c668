package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

func login(t *testing.T, password string, options ...apptest.RequestOption) *http.Response {
	t.Helper()
	fields := url.Values{"username": {"jetbrains"}, "password": {password}}
	return apptest.Start(t, Module).Post("/login", "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()), options...)
}

// TestSuccessfulAuth is Ktor's testSuccessfulAuth.
func TestSuccessfulAuth(t *testing.T) {
	assert.Equal(t, "Hello, jetbrains!", apptest.Text(t, login(t, "foobar")))
}

// TestUnsuccessfulAuth is Ktor's testUnsuccessfulAuth.
func TestUnsuccessfulAuth(t *testing.T) {
	response := login(t, "incorrect_pass")
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, "Credentials are not valid", apptest.Text(t, response))
}

// TestForm is Ktor's testForm.
func TestForm(t *testing.T) {
	want, err := resources.ReadFile("login.html")
	require.NoError(t, err)
	assert.Equal(t, string(want), apptest.Text(t, apptest.Start(t, Module).Get("/login")))
}

func TestOtherSitesLogNobodyIn(t *testing.T) {
	assert.Equal(t, http.StatusForbidden, login(t, "foobar", apptest.Header("Origin", "https://evil.example")).StatusCode)
}
