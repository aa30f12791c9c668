package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// Ktor's ApplicationTest, testRoot, and the other paths of its README.
func TestRoot(t *testing.T) {
	host := apptest.Start(t, Module)
	for path, want := range map[string]string{
		"/": "<h1>Static page</h1>", "/index": "<h1>Static page</h1>", "/resources": "<h1>Static page</h1>",
		"/custom": "<h1>Static page with custom index</h1>", "/custom_index": "<h1>Static page with custom index</h1>",
	} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Contains(t, apptest.Text(t, response), want, path)
	}
	assert.Equal(t, http.StatusForbidden, host.Get("/excluded.txt").StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Get("/none").StatusCode)
}

func TestScript(t *testing.T) {
	host := apptest.Start(t, Module)
	script := host.Get("/js/script.js", apptest.Header("Accept-Encoding", "gzip"))
	assert.Equal(t, "gzip", script.Header.Get("Content-Encoding"))
	assert.Equal(t, "text/javascript; charset=utf-8", script.Header.Get("Content-Type"))
	assert.Equal(t, http.StatusOK, host.Head("/js/script.js").StatusCode)
}
