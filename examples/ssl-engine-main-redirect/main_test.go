package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestRedirectHttps is Ktor's testRedirectHttps.
func TestRedirectHttps(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("https://localhost:8443/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "Hello, world!", apptest.Text(t, response))
}

func TestHTTPIsSentThere(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("http://localhost:8080/")), "the client follows")
	apptest.NoRedirects()(host.Client())
	response := host.Get("http://localhost:8080/")
	assert.Equal(t, http.StatusMovedPermanently, response.StatusCode)
	assert.Equal(t, "https://localhost:8443/", response.Header.Get("Location"))
}
