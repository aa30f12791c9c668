package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func TestShutdown(t *testing.T) {
	host := apptest.Start(t, Module)
	causes := make(chan error, 1)
	host.Application().HandleStopRequests(func(cause error) { causes <- cause })
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
	response := host.Get("/shutdown")
	assert.Equal(t, http.StatusGone, response.StatusCode)
	assert.Empty(t, apptest.Text(t, response))
	assert.NoError(t, <-causes)
}
