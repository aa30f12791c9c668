package sse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/internal/registry"
)

// A presence is that of a session among the open ones, from enter to leave.
type presence struct {
	session  *Session
	key      string      // that counts for MaxSessionsPerKey
	obstacle *obstacle   // to parking; nil if there is none
	unhook   func() bool // lets the end of the call be; nil if that is done
	limit    *time.Timer // nil if the session may last for ever
	whole    bool        // its function has done what it wanted
	moved    bool        // it is a parked stream's, which leaves
}

// enter begins a session: it is among the open ones, and ends with its call.
func (r *Sessions) enter(s *Session) *presence {
	here := &presence{session: s, unhook: afterEnd(s.callCtx, func() { s.cancel(s.lost(nil)) })}
	r.registry.Add(s)
	return here
}

// afterEnd is context.AfterFunc, with less memory for the context of a call itself.
func afterEnd(ctx context.Context, call func()) (stop func() bool) {
	if own, has := ctx.(interface{ AfterFunc(func()) func() bool }); has {
		return own.AfterFunc(call)
	}
	return context.AfterFunc(ctx, call)
}

// serve serves a session to its end, or until it is parked, and returns what makes
// the stream fail, nil if it ends cleanly or goes on.
func (p *presence) serve(function func(*Session) error) (err error) {
	s := p.session
	defer func() { // also when function ends its goroutine
		if !p.moved {
			err = p.leave()
		}
	}()
	s.shut()
	s.work(func() error {
		defer func() {
			if !p.moved {
				s.leaveHubs()
			}
		}()
		if p.limit = s.shared.registry.Limit(s); errors.Is(context.Cause(s.ctx), ErrExpired) {
			return nil
		}
		if err := function(s); err != nil {
			return err
		}
		p.whole = true
		return p.hold()
	})
	return nil
}

// leave waits for the work of a session, concludes it, and returns what makes the
// stream fail.
func (p *presence) leave() error {
	s := p.session
	if p.unhook != nil {
		defer p.unhook()
	}
	defer s.callEnds()
	defer s.shared.remove(s)
	defer s.close()
	s.waitForWork()
	if p.limit != nil {
		p.limit.Stop()
	}
	return s.shared.conclude(s, p.whole)
}

// conclude ends a session after its code has returned, waits until nobody writes
// any more, and returns what makes the stream fail. Either that or the log has
// one line about the session. Whole says that its function has done what it
// wanted.
func (r *Sessions) conclude(s *Session, whole bool) error {
	s.begin() // for a function that has sent nothing
	s.served()
	s.replaceHeartbeat(nil, true)
	s.leave()
	s.beating.Wait()
	cause := context.Cause(s.ctx)
	ending := endingOf(cause)
	if refusal := s.refusal(s.withMistake(cause), ending.clean || ending.outside && whole); refusal != nil {
		return refusal
	}
	last, hasLast := r.lastEvent(s, cause)
	if err := s.finish(last, hasLast); err != nil {
		s.fail(err)
	}
	lasted := s.age()
	clean := ending.clean || ending.outside && (whole || hasLast)
	switch failed := s.failure(); {
	case failed != nil && errors.Is(failed, http.ErrAbortHandler):
		return failed.error
	case errors.Is(ending.cause, ErrLagged): // the client must not take it for the whole
		s.logEnd(cause, lasted, true)
		return http.ErrAbortHandler
	case clean || r.config.EndCleanly:
		s.logEnd(cause, lasted, clean)
		return nil
	default:
		events, bytes := s.Sent()
		return fmt.Errorf("event stream of %v, %d events and %d bytes: %w", lasted, events, bytes, s.withMistake(cause))
	}
}

// withMistake returns the cause of the session's end, joined by a mistake of the
// application's code that came later.
func (s *Session) withMistake(cause error) error {
	if failed := s.failure(); failed.isBug() && !errors.Is(cause, errFailed) {
		return errors.Join(cause, failed)
	}
	return cause
}

// lastEvent returns the event that is sent after an end from outside, and
// whether there is one.
func (r *Sessions) lastEvent(s *Session, cause error) (last Event, has bool) {
	if !endingOf(cause).outside {
		return Event{}, false
	}
	compose, retry := r.config.LastEvent, r.config.StopRetry
	if adopted := s.adoptedBy(); adopted != nil {
		compose, retry = adopted.LastEvent, 0
	}
	if compose != nil {
		composed := s.attempt(func() error {
			last = compose(s, cause)
			return nil
		})
		if !composed {
			return Event{}, false
		}
	}
	if retry > 0 && last.Retry == 0 && errors.Is(cause, ErrStopping) {
		last.Retry = spread(retry, retry)
	}
	return last, last != (Event{})
}

// logEnd logs the end of a stream that is not the call's failure. Nothing of the
// session can change any more.
func (s *Session) logEnd(cause error, lasted time.Duration, clean bool) {
	events, bytes := s.Sent()
	attributes := []any{
		"route", s.call.Route(), "session", s.ID(), "duration", lasted, "events", events, "bytes", bytes, "cause", cause,
	}
	level, failed := slog.LevelDebug, s.failure()
	if !clean || failed.isBug() {
		level = slog.LevelError
	}
	if failed != nil {
		if failed.Error() != cause.Error() {
			attributes = append(attributes, "error", failed.error)
		}
		attributes = append(attributes, registry.StackOf(failed)...)
	}
	s.call.Application().Logger().Log(s.call.Context(), level, "the event stream ended", attributes...)
}
