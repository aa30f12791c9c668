package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// Ktor's AuthHeadTest, respondsSuccessfullyForHeadRequest.
func TestRespondsSuccessfullyForHeadRequest(t *testing.T) {
	response := apptest.Start(t, Module).Head("/home")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, int64(48), response.ContentLength)
	assert.Empty(t, apptest.Text(t, response))
}

func TestGet(t *testing.T) {
	response := apptest.Start(t, Module).Get("/home")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "This is a response to a GET, but HEAD also works", apptest.Text(t, response))
}
