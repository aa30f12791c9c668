package main

import (
	"context"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// Tasks are work of an application that ends after loadLife, when it is told
// to, or with the application. Its methods may be called from any goroutine.
type tasks struct {
	application *app.Application
	limit       int // how many may run

	mu   sync.Mutex
	last int
	ends map[int]context.CancelFunc // of those that run
}

func newTasks(a *app.Application, limit int) *tasks {
	return &tasks{application: a, limit: limit, ends: map[int]context.CancelFunc{}}
}

// start runs work n times at once, or not at all if that would be too many.
func (t *tasks) start(n int, work func(context.Context) error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ends)+n > t.limit {
		return false
	}
	for range n {
		ctx, cancel := context.WithTimeout(t.application.Context(), loadLife)
		t.last++
		number := t.last
		t.ends[number] = cancel
		t.application.Go(func(context.Context) error {
			defer t.remove(number)
			return work(ctx)
		})
	}
	return true
}

func (t *tasks) remove(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ends[number]()
	delete(t.ends, number)
}

func (t *tasks) running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.ends)
}

// end ends all that run, without waiting for it.
func (t *tasks) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, cancel := range t.ends {
		cancel()
	}
}
