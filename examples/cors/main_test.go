package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

const backend, frontend = "http://localhost:8080", "http://localhost:8081"

// TestFrontendPage is Ktor's testFrontendPage.
func TestFrontendPage(t *testing.T) {
	host := apptest.Start(t, Module)
	page := host.Get(frontend + "/")
	assert.Equal(t, http.StatusOK, page.StatusCode)
	assert.Contains(t, apptest.Text(t, page), `<script src="/static/script.js" defer>`)
	assert.Contains(t, apptest.Text(t, host.Get(frontend+"/static/script.js")), backend+"/customer")
}

// TestBackend does what a browser does for the page.
func TestBackend(t *testing.T) {
	host := apptest.Start(t, Module)
	preflight := host.Do(http.MethodOptions, backend+"/customer", nil,
		apptest.Header("Origin", frontend), apptest.Header("Access-Control-Request-Method", "POST"),
		apptest.Header("Access-Control-Request-Headers", "content-type"))
	assert.Equal(t, http.StatusOK, preflight.StatusCode)
	assert.Equal(t, frontend, preflight.Header.Get("Access-Control-Allow-Origin"))

	save := func(address, origin string) *http.Response {
		return host.Post(address+"/customer", "application/json", strings.NewReader(`{"id":3,"firstName":"Jet","lastName":"Brains"}`),
			apptest.Header("Origin", origin))
	}
	saved := save(backend, frontend)
	assert.Equal(t, http.StatusCreated, saved.StatusCode)
	assert.Equal(t, frontend, saved.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "Customer stored correctly", apptest.Text(t, saved))
	assert.Equal(t, http.StatusForbidden, save(backend, "http://elsewhere:8081").StatusCode)
	assert.Equal(t, http.StatusNotFound, save(frontend, frontend).StatusCode)
}
