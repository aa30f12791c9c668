package sse

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// The causes for which a session ends. The context of the session has one of
// them as its cause, and what Send and Delay return afterwards wraps it. The
// application's own error is the cause when its code fails first, one that wraps
// what [Session.End] was given when that ends the session, and that of the call's
// context when a middleware has ended it, by a deadline for instance.
var (
	// ErrClosed is the cause after [Session.Close], and when the function that
	// serves the stream has returned. The stream ends cleanly.
	ErrClosed = errors.New("event stream is closed")
	// ErrStopping is the cause when the application has begun to stop; it is
	// [app.ErrStopping]. The stream ends cleanly, and may say a last word: see
	// [Session.Send].
	ErrStopping = app.ErrStopping
	// ErrClientGone is the cause when the client has disconnected.
	ErrClientGone = errors.New("client has gone")
	// ErrWriteTimeout is the cause when the client did not take an event within
	// the WriteTimeout of [Config]. The stream is cut off.
	ErrWriteTimeout = errors.New("client did not read in time")
	// ErrLagged is the cause when the client did not keep up with a [Hub]: see
	// StallLimit and LagLimit of [HubConfig]. The stream is cut off, and the
	// client comes back to where it was. It also is the cause when the client
	// has missed events and is told of it when it comes back: see Missed there.
	ErrLagged = errors.New("client did not keep up")
	// ErrTooOld is the cause when the session has lasted for the MaxAge of
	// [Config]. The stream ends cleanly, and may say a last word.
	ErrTooOld = errors.New("event stream has reached its maximum age")
	// ErrExpired is the cause when the time has come that Until of [Config] has
	// returned. The stream ends cleanly, and may say a last word.
	ErrExpired = errors.New("event stream has expired")
)

var (
	errEnded  = errors.New("ended by End")
	errServed = fmt.Errorf("%w: served", ErrClosed)
	errFailed = errors.New("the application's code has failed")
)

// An ending is what follows from the cause of a session's end.
type ending struct {
	cause error
	// clean says that nothing has failed: the stream is not cut off, and its
	// line in the log is for debugging. Of a client that has gone, or does not
	// read, there is nothing left to cut.
	clean bool
	// outside says that the session was ended neither by the code that serves it
	// nor by the client, so that its function, and LastEvent, may tell the
	// client.
	outside bool
	counter func(*Stats) *uint64
}

// endings are all causes, and what follows from them, in one place. The first
// one that the cause of a session is, or wraps, counts. That is why those come
// first that may wrap anything.
var endings = [...]ending{
	{errEnded, true, true, func(s *Stats) *uint64 { return &s.Ended }},
	{errFailed, false, false, func(s *Stats) *uint64 { return &s.Failed }},
	{errServed, true, false, func(s *Stats) *uint64 { return &s.Served }},
	{ErrClosed, true, false, func(s *Stats) *uint64 { return &s.Closed }},
	{ErrStopping, true, true, func(s *Stats) *uint64 { return &s.Stopped }},
	{ErrClientGone, true, false, func(s *Stats) *uint64 { return &s.ClientsGone }},
	{ErrWriteTimeout, true, false, func(s *Stats) *uint64 { return &s.WriteTimeouts }},
	{ErrLagged, true, false, func(s *Stats) *uint64 { return &s.Lagged }},
	{ErrTooOld, true, true, func(s *Stats) *uint64 { return &s.TooOld }},
	{ErrExpired, true, true, func(s *Stats) *uint64 { return &s.Expired }},
}

// endingOf returns what follows from a cause. One that is not in the table is
// that of a context that somebody has put around the call, such as a deadline:
// a failure, unless the function or LastEvent makes something whole of it.
func endingOf(cause error) ending {
	for _, known := range endings {
		if errors.Is(cause, known.cause) {
			return known
		}
	}
	return ending{cause, false, true, func(s *Stats) *uint64 { return &s.Failed }}
}

// failure is the cause of a session that the application's code has ended, with
// whatever error: it reads as that error, and is errFailed.
type failure struct{ error }

// Unwrap lets callers find the error of the application's code.
func (f *failure) Unwrap() error { return f.error }

// Is reports whether target is errFailed.
func (f *failure) Is(target error) bool { return target == errFailed }

// endError is the cause of a session that End has ended, with whatever error: it
// reads as that error, and is errEnded.
type endError struct{ error }

// Unwrap lets callers find the error that End was given.
func (e *endError) Unwrap() error { return e.error }

// Is reports whether target is errEnded.
func (e *endError) Is(target error) bool { return target == errEnded }

// isBug reports whether the failure is a mistake of the application at any
// time, even when nobody listens any more.
func (f *failure) isBug() bool {
	var bug *app.PanicError
	return f != nil && (errors.As(f.error, &bug) || errors.Is(f.error, ErrInvalidEvent))
}
