package sse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// The causes for which a session ends. The context of the session has one of them as its cause, and what
// Send and Delay return afterwards wraps it.
var (
	// ErrClosed is the cause after [Session.Close], and when the function that serves the stream has returned.
	ErrClosed = errors.New("event stream is closed")
	// ErrStopping is the cause when the application stops; it is [app.ErrStopping].
	ErrStopping = app.ErrStopping
	// ErrClientGone is the cause when the client has disconnected.
	ErrClientGone = errors.New("client has gone")
	// ErrWriteTimeout is the cause when the client did not take an event in time: see [app.Config].
	ErrWriteTimeout = errors.New("client did not read in time")
)

var errServed = errors.New("served") // a cause for the log only

// A Session is an open event stream: Ktor's ServerSSESession. Its head has been sent. It lasts until the function it
// was given to returns; its methods may be called from any goroutine until then, and fail afterwards.
// Events of several senders never interleave.
type Session struct {
	call        *app.Call
	sessions    *registry
	controller  *http.ResponseController
	writer      http.ResponseWriter
	ctx         context.Context
	cancel      context.CancelCauseFunc
	lastEventID string
	serializer  Serializer
	opened      time.Time
	beating     sync.WaitGroup
	due         atomic.Pointer[Event] // a beat that fell due while sending was held
	writing     atomic.Int64          // the session's age, plus 1, when the write under way began; 0 if there is none

	sending sync.Mutex // orders writes; guards the counters
	events  int64
	bytes   int64

	mu        sync.Mutex // guards what follows
	heartbeat *heartbeat

	next, previous *Session // guarded by the registry
}

func newSession(c *app.Call, w http.ResponseWriter, sessions *registry, lastEventID string, settings options) *Session {
	s := &Session{
		call: c, sessions: sessions, writer: w, controller: http.NewResponseController(w),
		lastEventID: lastEventID, serializer: settings.serializer, opened: time.Now(),
	}
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(c.Context()))
	return s
}

// run serves the session and returns what makes the stream fail, nil if it ends cleanly.
func (s *Session) run(serve func(*Session) error) (err error) {
	unhook := context.AfterFunc(s.call.Context(), func() { s.cancel(s.lost(nil)) })
	s.sessions.add(s)
	defer func() {
		if value := recover(); value != nil {
			err = &app.PanicError{Value: value, Stack: debug.Stack()}
		}
		err = s.end(err)
		s.sessions.remove(s)
		unhook()
	}()
	return serve(s)
}

// end ends the session after serve has returned failed, waits until nobody writes any more, decides how the
// stream ends, and logs it.
func (s *Session) end(failed error) error {
	if s.call.Context().Err() != nil {
		s.cancel(s.lost(nil)) // serve may have seen it first
	}
	cause := context.Cause(s.ctx)
	s.cancel(ErrClosed)
	s.replaceHeartbeat(nil)
	s.beating.Wait()
	s.sending.Lock()
	defer s.sending.Unlock()
	switch {
	case cause == nil && failed == nil:
		cause = errServed
	case cause == nil, errors.Is(failed, http.ErrAbortHandler):
		return failed
	case errors.Is(cause, ErrClosed), errors.Is(cause, ErrStopping), errors.Is(cause, ErrClientGone), errors.Is(cause, ErrWriteTimeout):
	default:
		return cause
	}
	level := slog.LevelDebug
	attributes := []any{
		"route", s.call.Route(), "duration", time.Since(s.opened), "events", s.events, "bytes", s.bytes, "cause", cause,
	}
	if failed != nil {
		attributes = append(attributes, "error", failed)
	}
	if bug := (*app.PanicError)(nil); errors.As(failed, &bug) {
		level = slog.LevelError
		attributes = append(attributes, "stack", string(bug.Stack))
	}
	s.call.Application().Logger().Log(s.call.Context(), level, "the event stream ended", attributes...)
	return nil
}

// Call returns the call that is answered with the stream.
func (s *Session) Call() *app.Call { return s.call }

// Context returns the context of the session. It holds the values of the call's context, and ends with one of
// the causes of this package as its context.Cause: at once when the application begins to stop, which is
// before the call's own context ends.
func (s *Session) Context() context.Context { return s.ctx }

// LastEventID returns the Last-Event-ID header of the request: where a client that reconnects left off, or "". It
// comes from outside: treat it as hostile.
func (s *Session) LastEventID() string { return s.lastEventID }

// Close ends the session: its context ends with [ErrClosed], sending fails, and the stream ends cleanly when the
// function that serves it returns. An event that is being sent is finished.
func (s *Session) Close() { s.cancel(ErrClosed) }

// Delay waits for d, or until the session ends: then it returns an error that wraps the cause.
func (s *Session) Delay(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.alive("delay")
	case <-s.ctx.Done():
		return s.alive("delay")
	}
}

// Send sends one event and flushes it. An event that cannot be encoded is refused with [ErrInvalidEvent], with
// nothing written; any other error wraps the cause for which the session has ended.
func (s *Session) Send(event Event) error {
	s.sending.Lock()
	defer s.unlock()
	return s.send(event)
}

// SendText sends an event of nothing but data.
func (s *Session) SendText(data string) error { return s.Send(Event{Data: data}) }

// SendValue sends an event whose data is value in the form that the stream's serializer gives it.
func (s *Session) SendValue(value any) error {
	if s.serializer == nil {
		return errors.New("send value: the stream has no serializer: pass sse.Serialize(sse.JSON), or configure one for the plugin")
	}
	data, err := s.serializer(value)
	if err != nil {
		return fmt.Errorf("send value: serialize %T: %w", value, err)
	}
	return s.Send(Event{Data: string(data)})
}

// alive returns an error if the session has ended.
func (s *Session) alive(what string) error {
	if s.ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, context.Cause(s.ctx))
}

// send sends an event. The caller holds sending.
func (s *Session) send(event Event) error {
	if err := s.alive("send event"); err != nil {
		return err
	}
	buffer := s.sessions.buffer()
	defer s.sessions.recycle(buffer)
	encoded, err := event.AppendText((*buffer)[:0])
	if err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	*buffer = encoded
	s.writing.Store(int64(time.Since(s.opened)) + 1)
	if _, err = s.writer.Write(encoded); err == nil {
		err = s.controller.Flush()
	}
	if err != nil {
		s.cancel(s.lost(err))
		return s.alive("send event")
	}
	s.writing.Store(0)
	s.events++
	s.bytes += int64(len(encoded))
	return nil
}

// lost returns why the session ends when a write has failed with err, or when the call's context has ended. The
// two come together: HTTP/1 ends the context when a write fails, and HTTP/2 does not say which deadline has passed.
// So how long the write has taken tells a client that does not read from one that has gone.
func (s *Session) lost(err error) error {
	ctx, timeout := s.call.Context(), s.call.Application().Config().WriteTimeout
	began := s.writing.Load()
	switch {
	case began != 0 && timeout > 0 && time.Since(s.opened)-time.Duration(began-1) >= timeout:
		return ErrWriteTimeout
	case ctx.Err() != nil:
		return causeOf(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrWriteTimeout
	default:
		return fmt.Errorf("%w: %w", ErrClientGone, err)
	}
}

// unlock ends a send, with the beat that fell due meanwhile.
func (s *Session) unlock() {
	for {
		if event := s.due.Swap(nil); event != nil {
			s.sendBeat(*event)
		}
		s.sending.Unlock()
		if s.due.Load() == nil || !s.sending.TryLock() {
			return
		}
	}
}
