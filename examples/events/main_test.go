package main

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestRoot is Ktor's testRoot.
func TestRoot(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "Hello, world!", apptest.Text(t, response))
	host.Stop()
	assert.Empty(t, host.Log().Find("No page was found"))
}

// TestShutdown: what happens at the end happens when the URL is called.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		assert.Equal(t, http.StatusGone, host.Get("/shutdown").StatusCode)
		synctest.Wait()
		assert.Len(t, host.Log().Find("Server is stopped"), 1)
	})
}

func TestEvents(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Len(t, host.Log().Find("Server is started"), 1)
	assert.Len(t, host.Log().Find("The module knows that, too"), 1)
	assert.Equal(t, http.StatusNotFound, host.Get("/nowhere").StatusCode)
	assert.Empty(t, host.Log().Find("Server is stopped"))
	host.Stop()
	assert.Len(t, host.Log().Find("No page was found"), 1)
	assert.Len(t, host.Log().Find("Server is stopped"), 1)
}
