package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// TestModule1 is Ktor's testModule1.
func TestModule1(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		Module1(a)
		Module2(a)
	})
	response := host.Get("/module1")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "Hello from 'module1'!", apptest.Text(t, response))
}

func TestModule2(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello from 'module2'!", apptest.Text(t, host.Get("/module2")))
}

// TestAccessApplicationInstance is Ktor's testAccessApplicationInstance.
func TestAccessApplicationInstance(t *testing.T) {
	var configured *app.Application
	host := apptest.Start(t, func(a *app.Application) { configured = a })
	assert.Same(t, configured, host.Application())
}
