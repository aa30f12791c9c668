package sse

import (
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
)

var errNilEnd = errors.New("on end: the function is nil")

// rare is what few sessions have, guarded by the session's mu.
type rare struct {
	failed  *failure     // what the application's code failed with, nil if it did not
	onEnd   *onEnd       // to be called when the session is over; nil if nothing is
	joining joining      // the hubs that it has joined
	adopted *AdoptConfig // if its stream is a foreign handler's, else nil; never changes

	returned chan struct{} // closed when no worker is left; nil unless somebody waits for that
}

// An onEnd is a function of OnEnd, and those that were added before it.
type onEnd struct {
	call   func(cause error)
	before *onEnd
}

// seldom returns what few sessions have, and makes it. The caller holds mu.
func (s *Session) seldom() *rare {
	if s.rare == nil {
		s.rare = &rare{joining: joining{mu: &s.mu}}
	}
	return s.rare
}

// adoptedBy returns the configuration of a stream that is written by a foreign
// handler, nil of one of our own.
func (s *Session) adoptedBy() *AdoptConfig {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return nil
	}
	return s.rare.adopted
}

// failure returns what the application's code has failed with, nil if it has not.
func (s *Session) failure() *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return nil
	}
	return s.rare.failed
}

// OnEnd adds a function that is called when the session is over: the stream has
// ended, the session is not among [Sessions] any more, and its place is free. It
// is given the cause, one of those of this package, the application's own error
// or that of the call's context. Functions are called one after the other, the
// last one first, as deferred ones are, on the goroutine of the call, which waits
// for them; a hub and its publishers do not. A panic is logged. When the session
// is over already, the function is called at once. Nil is logged as an error, with
// the line of the call, and left out.
func (s *Session) OnEnd(end func(cause error)) {
	if end == nil {
		registry.LogNil(s, app.Caller(1), errNilEnd)
		return
	}
	s.mu.Lock()
	over := s.workers == 0
	if !over {
		s.seldom().onEnd = &onEnd{end, s.seldom().onEnd}
	}
	s.mu.Unlock()
	if over {
		registry.CallEnd(s, end)
	}
}

// callEnds calls the functions of OnEnd, those that are added meanwhile included.
func (s *Session) callEnds() {
	for {
		s.mu.Lock()
		if s.rare == nil || s.rare.onEnd == nil {
			s.mu.Unlock()
			return
		}
		end := s.rare.onEnd
		s.rare.onEnd = end.before
		s.mu.Unlock()
		registry.CallEnd(s, end.call)
	}
}
