package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestCustomHeader is Ktor's testCustomHeader.
func TestCustomHeader(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", host.Get("/").Header.Get("X-Custom-Header"))
}

// TestTransformData is Ktor's testTransformData.
func TestTransformData(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "12", apptest.Text(t, host.Post("/transform-data", "", strings.NewReader("10"))))
}

func TestNotANumber(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Post("/transform-data", "", strings.NewReader("ten"))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Equal(t, "the body is not a number", apptest.Text(t, response))
}
