package app

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// exitedError says that the goroutine of a start was ended, and where.
type exitedError struct{ error }

func (e exitedError) Unwrap() error { return e.error }

// startup is the work of Start: modules and start hooks, on a goroutine of their
// own, which Start can leave behind.
type startup struct {
	done chan error // its end; holds one

	mu   sync.Mutex // guards what follows
	step string     // what is being run
	left bool       // Start has returned without it
}

// run runs the work, on the goroutine that it is called on.
func (s *startup) run(work func() error) {
	var err error
	returned := false
	defer func() {
		if !returned {
			err = exitedError{ended(nil)}
		}
		s.done <- err
	}()
	err = work()
	returned = true
}

// enter notes what is run next.
func (s *startup) enter(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step = step
}

// goesOn notes, by note, that a step is done, and reports whether there is to be
// another one: not if the work was left behind.
func (s *startup) goesOn(note func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.left {
		note()
	}
	return !s.left
}

// wait returns what the work has ended with. If it does not end with ctx, it is
// left behind, and the error names what it was doing.
func (s *startup) wait(ctx context.Context) error {
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
	}
	moment := time.NewTimer(lastMoment)
	defer moment.Stop()
	select {
	case err := <-s.done:
		return err
	case <-moment.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = true
	err := fmt.Errorf("start application: %s has not returned: %w", s.step, ctx.Err())
	if cause := context.Cause(ctx); !wraps(ctx.Err(), cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return err
}
