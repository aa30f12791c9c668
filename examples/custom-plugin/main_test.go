package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/custom-plugin/plugins"
)

// TestCustomHeader is testRoot of Ktor's CustomHeaderPluginTest.
func TestCustomHeader(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", host.Get("/").Header.Get("X-Custom-Header"))
	assert.Len(t, host.Log().Find("Simple is installed!"), 1)
	assert.Len(t, host.Log().Find("request"), 1)
}

// TestTransformData is Ktor's testTransformData.
func TestTransformData(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "12", apptest.Text(t, host.Post("/transform-data", "", strings.NewReader("10"))))
	assert.Len(t, host.Log().Find("the body is read"), 1)
}

func TestNotANumber(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, http.StatusBadRequest, host.Post("/transform-data", "", strings.NewReader("ten")).StatusCode)
}

// TestCustomHeaderFromProperties is testRoot of Ktor's
// CustomHeaderPluginConfigurableTest.
func TestCustomHeaderFromProperties(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) { a.Install(plugins.CustomHeaderConfigurable) },
		apptest.Configuration("application.conf"))
	assert.Equal(t, "Some value", host.Get("/").Header.Get("X-Another-Custom-Header"))
}
