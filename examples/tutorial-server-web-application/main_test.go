package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestPages has Ktor's test root endpoint.
func TestPages(t *testing.T) {
	host := apptest.Start(t, Module)
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/":                                 {http.StatusOK, "Hello, World!"},
		"/static/index.html":                {http.StatusOK, "<h1>Task Manager Web Application</h1>"},
		"/tasks":                            {http.StatusOK, "<tr><td>cleaning</td><td>Clean the house</td><td>Low</td></tr>"},
		"/tasks/byName?name=shopping":       {http.StatusOK, "<td>Buy the groceries</td>"},
		"/tasks/byName?name=sleeping":       {http.StatusNotFound, ""},
		"/tasks/byName":                     {http.StatusBadRequest, "name"},
		"/tasks/byPriority?priority=Medium": {http.StatusOK, "<h1>Tasks With Priority Medium</h1>"},
		"/tasks/byPriority?priority=Vital":  {http.StatusNotFound, ""},
		"/tasks/byPriority?priority=None":   {http.StatusBadRequest, "priority"},
	} {
		response := host.Get(path)
		assert.Equal(t, want.status, response.StatusCode, path)
		text := apptest.Text(t, response)
		assert.Contains(t, text, want.text, path)
		assert.Equal(t, want.text == "", text == "", path)
	}
}

func TestNewTask(t *testing.T) {
	host := apptest.Start(t, Module)
	add := func(name, priority string) *http.Response {
		form := url.Values{"name": {name}, "description": {"Go to the beach"}, "priority": {priority}}
		return host.Post("/tasks", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	}
	assert.Contains(t, apptest.Text(t, add("<swimming>", "High")), "<td>&lt;swimming&gt;</td><td>Go to the beach</td><td>High</td>")
	assert.Equal(t, http.StatusBadRequest, add("<swimming>", "High").StatusCode)
	assert.Equal(t, http.StatusBadRequest, add("diving", "Deep").StatusCode)
}
