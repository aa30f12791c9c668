package model

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Repository keeps tasks in memory. Its methods may be called from any
// goroutine. The zero Repository is empty.
type Repository struct {
	mu    sync.Mutex
	tasks []Task
}

// NewRepository returns one that has four tasks.
func NewRepository() *Repository {
	return &Repository{tasks: []Task{
		{"cleaning", "Clean the house", Low},
		{"gardening", "Mow the lawn", Medium},
		{"shopping", "Buy the groceries", High},
		{"painting", "Paint the fence", Medium},
	}}
}

// All returns all tasks.
func (r *Repository) All() []Task {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.tasks)
}

// ByPriority returns the tasks of a priority, nil if there are none.
func (r *Repository) ByPriority(priority Priority) []Task {
	var found []Task
	for _, task := range r.All() {
		if task.Priority == priority {
			found = append(found, task)
		}
	}
	return found
}

// ByName returns the task of a name, in upper or lower case, and whether there
// is one.
func (r *Repository) ByName(name string) (Task, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(name); i >= 0 {
		return r.tasks[i], true
	}
	return Task{}, false
}

// Add adds a task. It is an error if there is one of that name.
func (r *Repository) Add(task Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.index(task.Name) >= 0 {
		return fmt.Errorf("add task: %s is there already", task.Name)
	}
	r.tasks = append(r.tasks, task)
	return nil
}

// Remove removes the task of a name, and says whether there was one.
func (r *Repository) Remove(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := len(r.tasks)
	r.tasks = slices.DeleteFunc(r.tasks, func(t Task) bool { return t.Name == name })
	return len(r.tasks) < before
}

func (r *Repository) index(name string) int {
	return slices.IndexFunc(r.tasks, func(t Task) bool { return strings.EqualFold(t.Name, name) })
}
