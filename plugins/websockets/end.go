package websockets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/coder/websocket"
)

// run serves a session from its beginning to its end, and returns what has
// failed, nil if nothing has. The connection is closed when it returns.
//
//	serve ------------.                              run waits for all of them
//	work of Go -------+-> cause -> part: close frame, answer, closed
//	read -------------+
//	ping, limit, stop '
func (r *Sessions) run(s *Session, serve func(*Session) error) (err error) {
	context.AfterFunc(s.ctx, s.part)
	r.registry.Add(s)
	defer s.callEnds()
	defer r.remove(s)
	go s.read()
	s.startPinging()
	var limit *time.Timer // nil if the session may last for ever
	defer func() {        // also when serve ends its goroutine
		s.waitForWork()
		s.cancel(errServed)
		if limit != nil {
			limit.Stop()
		}
		<-s.parted
		s.delivering.Wait()
		s.stopPinging()
		<-s.inbox.done
		err = s.conclude()
	}()
	s.work(func() error {
		if limit = r.registry.Limit(s); errors.Is(context.Cause(s.ctx), ErrExpired) {
			return nil
		}
		return serve(s)
	})
	return nil
}

// part tells the client why the session has ended, waits a moment for its answer,
// and closes the connection. It runs once, when the session ends, whatever the
// function that serves it does.
func (s *Session) part() {
	defer close(s.parted)
	reason := farewell(context.Cause(s.ctx))
	if reason.Code == 0 {
		s.conn.cut()
		_ = s.socket.CloseNow()
		return
	}
	patience := time.AfterFunc(s.shared.config.closeTimeout(), s.conn.cut)
	defer patience.Stop()
	// How the handshake of closing ends makes no difference any more.
	_ = s.socket.Close(websocket.StatusCode(reason.Code), reason.Message)
}

// conclude returns the error of a session that has failed. Either that or the log
// has one line about the session, of which nothing can change any more.
func (s *Session) conclude() error {
	cause := context.Cause(s.ctx)
	failed := s.failure()
	bug := isBug(failed) && !errors.Is(cause, errFailed)
	if bug {
		cause = errors.Join(cause, failed)
	}
	sent, sentBytes := s.Sent()
	received, receivedBytes := s.Received()
	if bug || !endingOf(cause).clean {
		return fmt.Errorf("WebSocket of %v, %d messages and %d bytes sent, %d and %d received: %w",
			s.age(), sent, sentBytes, received, receivedBytes, cause)
	}
	attributes := []any{
		"route", s.call.Route(), "session", s.ID(), "duration", s.age(), "sent", sent, "sentBytes", sentBytes,
		"received", received, "receivedBytes", receivedBytes, "cause", cause,
	}
	if reason, closed := s.CloseReason(); closed {
		attributes = append(attributes, "code", int(reason.Code), "reason", reason.Message)
	}
	if failed != nil && failed.Error() != cause.Error() {
		attributes = append(attributes, "error", failed)
	}
	s.call.Application().Logger().Log(s.call.Context(), slog.LevelDebug, "the WebSocket ended", attributes...)
	return nil
}
