package sse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
)

// run serves a session from its beginning to its end, and returns what makes
// the stream fail, nil if it ends cleanly.
func (r *Sessions) run(s *Session, serve func(*Session) error) (err error) {
	unhook := context.AfterFunc(s.callCtx, func() { s.cancel(s.lost(nil)) })
	defer unhook()
	r.add(s)
	defer r.remove(s)
	defer func() { // also when serve ends its goroutine
		s.working.Wait()
		err = r.conclude(s)
	}()
	if age := r.age(); age > 0 {
		defer time.AfterFunc(age, func() { s.cancel(ErrTooOld) }).Stop()
	}
	s.shut()
	s.work(func() error { return serve(s) })
	return nil
}

// conclude ends a session after its code has returned, waits until nobody writes
// any more, and returns what makes the stream fail. Either that or the log has
// one line about the session.
func (r *Sessions) conclude(s *Session) error {
	s.begin((*door).open) // for a function that has sent nothing
	s.end(errServed)
	s.replaceHeartbeat(nil)
	s.leave()
	s.beating.Wait()
	cause := context.Cause(s.ctx)
	if refusal := s.refusal(cause); refusal != nil {
		return refusal
	}
	if err := s.finish(r.lastEvent(s, cause)); err != nil {
		s.fail(err)
	}
	lasted := s.age()
	switch {
	case s.failed != nil && errors.Is(s.failed, http.ErrAbortHandler):
		return s.failed.error
	case endingOf(cause).clean || r.config.EndCleanly:
		s.logEnd(cause, lasted)
		return nil
	default:
		events, bytes := s.Sent()
		return fmt.Errorf("event stream of %v, %d events and %d bytes: %w", lasted, events, bytes, cause)
	}
}

// lastEvent returns the event that is sent when the application stops, and
// whether there is one.
func (r *Sessions) lastEvent(s *Session, cause error) (last Event, has bool) {
	compose, retry := r.config.LastEvent, r.config.StopRetry
	if !errors.Is(endingOf(cause).cause, ErrStopping) || compose == nil && retry == 0 {
		return Event{}, false
	}
	if compose != nil {
		composed := s.attempt(func() error {
			last = compose(s)
			return nil
		})
		if !composed {
			return Event{}, false
		}
	}
	if last.Retry == 0 && retry > 0 {
		last.Retry = spread(retry, retry)
	}
	return last, true
}

// logEnd logs the end of a stream that is not the call's failure. Nothing of the
// session can change any more.
func (s *Session) logEnd(cause error, lasted time.Duration) {
	events, bytes := s.Sent()
	attributes := []any{
		"route", s.call.Route(), "session", s.id, "duration", lasted, "events", events, "bytes", bytes, "cause", cause,
	}
	level := slog.LevelDebug
	if !endingOf(cause).clean || s.failed.isBug() {
		level = slog.LevelError
	}
	if s.failed != nil {
		if s.failed.Error() != cause.Error() {
			attributes = append(attributes, "error", s.failed.error)
		}
		if bug := (*app.PanicError)(nil); errors.As(s.failed, &bug) {
			attributes = append(attributes, "stack", string(bug.Stack))
		}
	}
	s.call.Application().Logger().Log(s.call.Context(), level, "the event stream ended", attributes...)
}
