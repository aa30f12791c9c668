package websockets

import (
	"context"
	"errors"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
)

var (
	errNilWork = errors.New("go: the work is nil")
	errNilEnd  = errors.New("on end: the function is nil")
)

// Go runs work beside the function that serves the WebSocket. Its context is the
// session's, and the WebSocket stays open until all work has returned. The first
// error or panic of work ends the session, as one of that function does. Work may
// send and receive, and start more work. When the session is over, Go does
// nothing. Work that is nil is logged as an error, with the line of the call, and
// left out.
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
	go s.work(func() error { return work(s.ctx) })
}

// work runs the application's code, which was counted before.
func (s *Session) work(run func() error) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.workers--; s.workers == 0 && s.returned != nil {
			close(s.returned)
		}
	}()
	s.attempt(run)
}

// attempt runs the application's code. Its failure ends the session.
func (s *Session) attempt(run func() error) {
	app.Attempt(run, func(err error) {
		if err != nil {
			s.fail(err)
		}
	})
}

// waitForWork waits until serve and all work of Go have returned.
func (s *Session) waitForWork() {
	s.mu.Lock()
	if s.workers == 0 {
		s.mu.Unlock()
		return
	}
	s.returned = make(chan struct{})
	s.mu.Unlock()
	<-s.returned
}

// fail ends the session, if it is alive, because the application's code has
// failed. The first failure stays, unless a later one is a mistake.
func (s *Session) fail(err error) {
	failed := failureOf(err)
	s.cancel(failed)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil || isBug(failed) {
		s.failed = failed
	}
}

// failure returns what the application's code has failed with, nil if it has not.
func (s *Session) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// OnEnd adds a function that is called when the session is over: the connection
// is closed, the session is not among [Sessions] any more, and its place is free.
// It is given the cause, one of those of this package or the application's own
// error. Functions are called one after the other, the last one first, as deferred
// ones are, on the goroutine of the call, which waits for them. A panic is logged.
// When the session is over already, the function is called at once. Nil is logged
// as an error, with the line of the call, and left out.
func (s *Session) OnEnd(end func(cause error)) {
	if end == nil {
		registry.LogNil(s, app.Caller(1), errNilEnd)
		return
	}
	s.mu.Lock()
	over := s.workers == 0
	if !over {
		s.onEnd = append(s.onEnd, end)
	}
	s.mu.Unlock()
	if over {
		registry.CallEnd(s, end)
	}
}

// callEnds calls the functions of OnEnd.
func (s *Session) callEnds() {
	s.mu.Lock()
	ends := s.onEnd
	s.onEnd = nil
	s.mu.Unlock()
	for _, end := range slices.Backward(ends) {
		registry.CallEnd(s, end)
	}
}
