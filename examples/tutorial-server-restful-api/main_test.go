package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/tutorial-server-routing-and-requests/model"
)

// names returns the names of the tasks in a response.
func names(t *testing.T, response *http.Response) []string {
	t.Helper()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	var tasks []model.Task
	require.NoError(t, json.NewDecoder(response.Body).Decode(&tasks))
	found := make([]string, len(tasks))
	for i, task := range tasks {
		found[i] = task.Name
	}
	return found
}

// TestTasksCanBeFoundByPriority is Ktor's tasksCanBeFoundByPriority.
func TestTasksCanBeFoundByPriority(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, []string{"gardening", "painting"}, names(t, host.Get("/tasks/byPriority/Medium")))
}

// TestStatuses has Ktor's invalidPriorityProduces400 and
// unusedPriorityProduces404.
func TestStatuses(t *testing.T) {
	host := apptest.Start(t, Module)
	for line, want := range map[string]int{
		"GET /tasks/byPriority/Invalid": http.StatusBadRequest,
		"GET /tasks/byPriority/Vital":   http.StatusNotFound,
		"GET /tasks/byName/sleeping":    http.StatusNotFound,
		"DELETE /tasks/sleeping":        http.StatusNotFound,
		"GET /static/index.html":        http.StatusOK,
		"GET /static/tasks.js":          http.StatusOK,
	} {
		method, path, _ := strings.Cut(line, " ")
		assert.Equal(t, want, host.Do(method, path, nil).StatusCode, line)
	}
}

// TestNewTasksCanBeAdded is Ktor's newTasksCanBeAdded.
func TestNewTasksCanBeAdded(t *testing.T) {
	host := apptest.Start(t, Module)
	add := func(task string) int {
		return host.Post("/tasks", "application/json", strings.NewReader(task)).StatusCode
	}
	const swimming = `{"name":"swimming","description":"Go to the beach","priority":"Low"}`
	assert.Equal(t, http.StatusCreated, add(swimming))
	assert.Equal(t, http.StatusBadRequest, add(swimming), "twice")
	assert.Equal(t, http.StatusBadRequest, add(`{"name":"diving","priority":"Deep"}`))
	assert.Equal(t, http.StatusBadRequest, add(`{}`))
	assert.JSONEq(t, swimming, apptest.Text(t, host.Get("/tasks/byName/Swimming")))
	assert.Contains(t, names(t, host.Get("/tasks")), "swimming")

	assert.Equal(t, http.StatusNoContent, host.Do(http.MethodDelete, "/tasks/swimming", nil).StatusCode)
	assert.NotContains(t, names(t, host.Get("/tasks")), "swimming")
}
