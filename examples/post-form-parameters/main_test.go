package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestPost is Ktor's testPost.
func TestPost(t *testing.T) {
	filledIn := url.Values{
		"username": {"JetBrains"}, "email": {"example@jetbrains.com"}, "password": {"foobar"}, "confirmation": {"foobar"},
	}
	response := apptest.Start(t, Module).Post("/signup", "application/x-www-form-urlencoded", strings.NewReader(filledIn.Encode()))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "The 'JetBrains' account is created", apptest.Text(t, response))
}

func TestForm(t *testing.T) {
	response := apptest.Start(t, Module).Get("/")
	assert.Equal(t, "text/html; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, form, apptest.Text(t, response))
}

func TestNoForm(t *testing.T) {
	response := apptest.Start(t, Module).Post("/signup", "application/json", strings.NewReader("{}"))
	assert.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode)
}
