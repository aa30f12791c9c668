package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestCSSRoute is Ktor's testCssRoute.
func TestCSSRoute(t *testing.T) {
	response := apptest.Start(t, Module).Get("/styles.css")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "text/css; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, "body {\nbackground-color: darkblue;\nmargin: 0;\n}\nh1.page-title {\ncolor: white;\n}\n", apptest.Text(t, response))
}

func TestPage(t *testing.T) {
	response := apptest.Start(t, Module).Get("/html-dsl")
	assert.Equal(t, "text/html; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Contains(t, apptest.Text(t, response), `href="/styles.css"`)
}
