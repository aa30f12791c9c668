package model

import (
	"errors"
	"net/url"
)

// FromForm returns the task that a form describes. The error says what is wrong
// with it, to whoever has filled it in.
func FromForm(form url.Values) (Task, error) {
	task := Task{Name: form.Get("name"), Description: form.Get("description")}
	if task.Name == "" || task.Description == "" {
		return Task{}, errors.New("a task has a name and a description")
	}
	return task, task.Priority.UnmarshalText([]byte(form.Get("priority")))
}
