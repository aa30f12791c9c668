package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestTasksCanBeFoundByPriority is Ktor's tasksCanBeFoundByPriority.
func TestTasksCanBeFoundByPriority(t *testing.T) {
	response := apptest.Start(t, Module).Get("/tasks/byPriority/Medium")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	body := apptest.Text(t, response)
	assert.Contains(t, body, "Mow the lawn")
	assert.Contains(t, body, "Paint the fence")
	assert.NotContains(t, body, "Clean the house")
}

// TestStatuses has Ktor's invalidPriorityProduces400 and
// unusedPriorityProduces404.
func TestStatuses(t *testing.T) {
	host := apptest.Start(t, Module)
	for path, want := range map[string]int{
		"/tasks/byPriority/Invalid": http.StatusBadRequest,
		"/tasks/byPriority":         http.StatusBadRequest,
		"/tasks/byPriority/Vital":   http.StatusNotFound,
		"/tasks/byName/Painting":    http.StatusOK,
		"/tasks/byName/sleeping":    http.StatusNotFound,
		"/task-ui/task-form.html":   http.StatusOK,
	} {
		assert.Equal(t, want, host.Get(path).StatusCode, path)
	}
}

// TestNewTasksCanBeAdded is Ktor's newTasksCanBeAdded.
func TestNewTasksCanBeAdded(t *testing.T) {
	host := apptest.Start(t, Module)
	add := func(name, priority string) int {
		form := url.Values{"name": {name}, "description": {"Go to the beach"}, "priority": {priority}}
		return host.Post("/tasks", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())).StatusCode
	}
	assert.Equal(t, http.StatusNoContent, add("swimming", "Low"))
	assert.Equal(t, http.StatusBadRequest, add("Swimming", "Low"), "twice")
	assert.Equal(t, http.StatusBadRequest, add("", "Low"))
	assert.Equal(t, http.StatusBadRequest, add("diving", "Deep"))
	body := apptest.Text(t, host.Get("/tasks"))
	assert.Equal(t, 1, strings.Count(body, "Go to the beach"))
	assert.Contains(t, body, "swimming")
}
