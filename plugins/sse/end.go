package sse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/chitor-go/chitor/app"
)

// end ends the session after its code has returned, waits until nobody writes
// any more, and returns what makes the stream fail. Either that or the log has
// one line about the session.
func (s *Session) end() error {
	if s.callCtx.Err() != nil {
		s.cancel(s.lost(nil)) // the code may have seen it first
	}
	s.cancel(errServed)
	cause := context.Cause(s.ctx)
	s.replaceHeartbeat(nil)
	s.beating.Wait()
	last, hasLast := s.lastEvent(cause)
	s.sending.Lock()
	defer s.sending.Unlock()
	if hasLast {
		s.sendLast(last)
	}
	s.sessions.remove(s, cause)
	lasted := time.Since(s.opened)
	switch {
	case s.failed != nil && errors.Is(s.failed, http.ErrAbortHandler):
		return s.failed.error
	case endingOf(cause).clean || s.sessions.config.EndCleanly:
		s.logEnd(cause, lasted)
		return nil
	default:
		events, bytes := s.Sent()
		return fmt.Errorf("event stream of %v, %d events and %d bytes: %w", lasted, events, bytes, cause)
	}
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

// lastEvent returns the event that is sent when the application stops, and
// whether there is one.
func (s *Session) lastEvent(cause error) (last Event, has bool) {
	config := &s.sessions.config
	if !errors.Is(endingOf(cause).cause, ErrStopping) || config.LastEvent == nil && config.StopRetry == 0 {
		return Event{}, false
	}
	if config.LastEvent != nil {
		err := attempt(func() error {
			last = config.LastEvent(s)
			return nil
		})
		if err != nil {
			s.fail(err)
			return Event{}, false
		}
	}
	if last.Retry == 0 && config.StopRetry > 0 {
		last.Retry = spread(config.StopRetry, config.StopRetry)
	}
	return last, true
}

// sendLast sends the last event, after the session has ended. The caller holds
// sending.
func (s *Session) sendLast(last Event) {
	if err := s.encode(last, s.write); errors.Is(err, ErrInvalidEvent) {
		s.fail(err)
	}
}

// lost returns why the session ends when a write has failed with err, or when
// the call's context has ended. The two come together: HTTP/1 ends the context
// when a write fails, and HTTP/2 does not say which deadline has passed. So how
// long the write has taken tells a client that does not read from one that has
// gone.
func (s *Session) lost(err error) error {
	began, timeout := -s.wrote.Load(), s.sessions.writeTimeout()
	switch {
	case began > 0 && timeout > 0 && s.age()-began >= int64(timeout):
		return ErrWriteTimeout
	case s.callCtx.Err() != nil:
		return causeOf(s.callCtx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrWriteTimeout
	default:
		return fmt.Errorf("%w: %w", ErrClientGone, err)
	}
}

// causeOf translates why a call's context has ended.
func causeOf(ctx context.Context) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrStopping):
		return ErrStopping
	case errors.Is(cause, context.Canceled):
		return ErrClientGone
	default:
		return cause
	}
}
