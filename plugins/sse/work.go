package sse

import (
	"context"
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
)

var errNilWork = errors.New("go: the work is nil")

// Go runs work beside the function that serves the stream. Its context is the
// session's, and the stream stays open until all work has returned. The first
// error or panic of work ends the session, as one of that function does. Work
// may send, and start more work. When the session is over, Go does nothing. Work
// that is nil is logged as an error, with the line of the call, and left out.
//
// Ktor: launch, in the scope of the session.
func (s *Session) Go(work func(ctx context.Context) error) {
	if work == nil {
		registry.LogNil(s, app.Caller(1), errNilWork)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workers == 0 {
		return
	}
	s.workers++
	moving := s.rare != nil && s.rare.joining.stage == stageMoving
	go s.work(func() error {
		if moving { // what is around the handler may still change the call
			s.hasBegun() // which waits for the turn to send
		}
		return work(s.ctx)
	})
}

// work runs the application's code, which was counted before.
func (s *Session) work(run func() error) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.workers--
		switch {
		case s.rare == nil:
		case s.workers > 0:
			s.rare.joining.bell.ring() // it can be parked, perhaps
		default:
			s.rare.joining.end() // whoever has a session may have joined just now
			if s.rare.returned != nil {
				close(s.rare.returned)
			}
		}
	}()
	s.attempt(run)
}

// isWorking reports whether serve, or work of Go, has not returned.
func (s *Session) isWorking() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.workers > 0
}

// waitForWork waits until serve and all work of Go have returned.
func (s *Session) waitForWork() {
	s.mu.Lock()
	if s.workers == 0 {
		s.mu.Unlock()
		return
	}
	returned := make(chan struct{})
	s.seldom().returned = returned
	s.mu.Unlock()
	<-returned
}

// attempt runs the application's code and reports whether it has succeeded. Its
// failure ends the session, also if it ends the goroutine.
func (s *Session) attempt(run func() error) (ok bool) {
	app.Attempt(run, func(err error) {
		if ok = err == nil; !ok {
			s.fail(err)
		}
	})
	return ok
}

// fail ends the session, if it is alive, because the application's code has
// failed. The first failure stays, unless a later one is a mistake.
func (s *Session) fail(err error) {
	failed := &failure{err}
	s.end(failed)
	s.mu.Lock()
	defer s.mu.Unlock()
	if rare := s.seldom(); rare.failed == nil || failed.isBug() {
		rare.failed = failed
	}
}
