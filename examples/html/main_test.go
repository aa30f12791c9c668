package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestRoot is Ktor's testRoot.
func TestRoot(t *testing.T) {
	response := apptest.Start(t, Module).Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "text/html; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, `<!DOCTYPE html>
<html>
  <head>
    <title>Chitor</title>
  </head>
  <body>
    <h1>Hello from Chitor!</h1>
  </body>
</html>
`, apptest.Text(t, response))
}

func TestFragment(t *testing.T) {
	response := apptest.Start(t, Module).Get("/fragment")
	assert.Equal(t, http.StatusCreated, response.StatusCode)
	assert.Equal(t, "text/html; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, "<div class=\"fragment\"><span>Created!</span></div>\n", apptest.Text(t, response))
}
