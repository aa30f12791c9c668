package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestRootEndpoint is Ktor's "test root endpoint".
func TestRootEndpoint(t *testing.T) {
	host := apptest.Start(t, modules().Load, apptest.Configuration()) // application.conf
	response := host.Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "Hello, World!", apptest.Text(t, response))
}
