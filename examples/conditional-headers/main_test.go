package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func TestStylesheet(t *testing.T) {
	host := apptest.Start(t, Module)
	first := host.Get("/styles.css")
	assert.Equal(t, http.StatusOK, first.StatusCode)
	assert.Equal(t, styles, apptest.Text(t, first))
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	assert.NotEmpty(t, tag)
	assert.NotEmpty(t, modified)

	for name, test := range map[string]struct {
		header, value string
		status        int
	}{
		"the same version":     {"If-None-Match", tag, http.StatusNotModified},
		"another version":      {"If-None-Match", `"0"`, http.StatusOK},
		"not newer":            {"If-Modified-Since", modified, http.StatusNotModified},
		"newer than long ago":  {"If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT", http.StatusOK},
		"only another version": {"If-Match", `"0"`, http.StatusPreconditionFailed},
	} {
		t.Run(name, func(t *testing.T) {
			response := host.Get("/styles.css", apptest.Header(test.header, test.value))
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.status == http.StatusOK, apptest.Text(t, response) == styles)
			if test.status == http.StatusNotModified {
				assert.Equal(t, tag, response.Header.Get("ETag"))
			}
		})
	}
}

func TestPageHasNoVersion(t *testing.T) {
	response := apptest.Start(t, Module).Get("/html-dsl")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Empty(t, response.Header.Get("ETag"))
	assert.Equal(t, page, apptest.Text(t, response))
}
