package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestPages has Ktor's test root endpoint and test new endpoint.
func TestPages(t *testing.T) {
	host := apptest.Start(t, Module)
	for path, want := range map[string]struct{ contentType, text string }{
		"/":                    {"text/plain; charset=UTF-8", "Hello, World!"},
		"/test1":               {"text/html", "<h1>Hello From Chitor</h1>"},
		"/error-test":          {"text/plain; charset=UTF-8", "App in illegal state as Too Busy"},
		"/content/sample.html": {"text/html; charset=utf-8", "<h1>This page is built with:</h1>"},
	} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Equal(t, want.contentType, response.Header.Get("Content-Type"), path)
		assert.Contains(t, apptest.Text(t, response), want.text, path)
	}
	assert.Equal(t, http.StatusNotFound, host.Get("/content/other.html").StatusCode)
}
