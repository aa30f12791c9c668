package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// Ktor's ApplicationTest, testRoot, and what the page asks for.
func TestRoot(t *testing.T) {
	host := apptest.Start(t, Module)
	for _, path := range []string{"/", "/planets", "/planets/mars", "/none"} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"), path)
		assert.Contains(t, apptest.Text(t, response), "<title>One page</title>", path)
		known := host.Get(path, apptest.Header("If-None-Match", response.Header.Get("ETag")))
		assert.Equal(t, http.StatusNotModified, known.StatusCode, path)
	}
	assert.Equal(t, "text/javascript; charset=utf-8", host.Get("/js/script.js").Header.Get("Content-Type"))
	assert.Equal(t, http.StatusForbidden, host.Get("/notes.txt").StatusCode)
	film := host.Get("/media/ball.webm", apptest.Header("Range", "bytes=0-"))
	assert.Equal(t, http.StatusPartialContent, film.StatusCode)
	assert.Equal(t, "video/webm", film.Header.Get("Content-Type"))
}
