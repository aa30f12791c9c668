package websockets

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// The causes for which a session ends. The context of the session has one of
// them as its cause, and what sending and receiving return afterwards wraps it.
// The application's own error is the cause when its code fails first, and one
// that wraps what [Session.End] was given when that ends the session.
var (
	// ErrClosed is the cause after [Session.Close] and [Session.CloseWith], and
	// when the function that serves the WebSocket has returned.
	ErrClosed = errors.New("WebSocket is closed")
	// ErrStopping is the cause when the application has begun to stop; it is
	// [app.ErrStopping]. The client gets 1001.
	ErrStopping = app.ErrStopping
	// ErrClientClosed is the cause when the client has closed the WebSocket:
	// [Session.CloseReason] says why.
	ErrClientClosed = errors.New("client has closed the WebSocket")
	// ErrClientGone is the cause when the connection has ended without a close
	// frame.
	ErrClientGone = errors.New("client has gone")
	// ErrWriteTimeout is the cause when the client did not take a message within
	// the WriteTimeout of [Config]. The connection is cut off.
	ErrWriteTimeout = errors.New("client did not read in time")
	// ErrPingTimeout is the cause when nothing came from the client within the
	// Timeout of [Config] after a ping. The connection is cut off.
	ErrPingTimeout = errors.New("client did not answer a ping in time")
	// ErrLagged is the cause when the client did not keep up with a hub that it has
	// joined, or has missed events and could not be told so; it is [sse.ErrLagged].
	// The client gets 1013: it may come back.
	ErrLagged = sse.ErrLagged
	// ErrTooOld is the cause when the session has lasted for the MaxAge of
	// [Config]. The client gets 1001.
	ErrTooOld = errors.New("WebSocket has reached its maximum age")
	// ErrExpired is the cause when the time has come that Until of [Config] has
	// returned. The client gets 1008.
	ErrExpired = errors.New("WebSocket has expired")
	// ErrProtocol is the cause when the client has broken the rules of RFC 6455.
	// It gets 1002.
	ErrProtocol = errors.New("client has violated the protocol")
	// ErrTooBig is the cause when the client has sent a message beyond the
	// MaxMessageSize of [Config]. It gets 1009.
	ErrTooBig = errors.New("message is too big")
	// ErrInvalidData is the cause when the client has sent text that is not
	// UTF-8, and what [Session.ReceiveValue] returns for data that its converter
	// cannot read: the session lasts, unless the function returns that. The
	// client gets 1007.
	ErrInvalidData = errors.New("message cannot be read")
)

var (
	errEnded  = errors.New("ended by End")
	errServed = fmt.Errorf("%w: served", ErrClosed)
	errFailed = errors.New("the application's code has failed")
	errAsked  = errors.New("the application's code has ended it with a reason")
)

// An ending is what follows from the cause of a session's end.
type ending struct {
	cause error
	// code is what the client gets, unless the cause says another; 0 if there is
	// nobody to get anything.
	code CloseCode
	// clean says that the application has not failed: the line in the log is for
	// debugging.
	clean   bool
	counter func(*Stats) *uint64
}

// endings are all causes, and what follows from them, in one place. The first
// one that the cause of a session is, or wraps, counts. That is why those come
// first that may wrap anything.
var endings = [...]ending{
	{errEnded, CloseViolatedPolicy, true, func(s *Stats) *uint64 { return &s.Ended }},
	{errAsked, CloseInternalError, true, func(s *Stats) *uint64 { return &s.Closed }},
	{errFailed, CloseInternalError, false, func(s *Stats) *uint64 { return &s.Failed }},
	{errServed, CloseNormal, true, func(s *Stats) *uint64 { return &s.Served }},
	{ErrClosed, CloseNormal, true, func(s *Stats) *uint64 { return &s.Closed }},
	{ErrStopping, CloseGoingAway, true, func(s *Stats) *uint64 { return &s.Stopped }},
	{ErrClientClosed, 0, true, func(s *Stats) *uint64 { return &s.ClientsClosed }},
	{ErrClientGone, 0, true, func(s *Stats) *uint64 { return &s.ClientsGone }},
	{ErrWriteTimeout, 0, true, func(s *Stats) *uint64 { return &s.WriteTimeouts }},
	{ErrPingTimeout, 0, true, func(s *Stats) *uint64 { return &s.PingTimeouts }},
	{ErrLagged, CloseTryAgainLater, true, func(s *Stats) *uint64 { return &s.Lagged }},
	{ErrTooOld, CloseGoingAway, true, func(s *Stats) *uint64 { return &s.TooOld }},
	{ErrExpired, CloseViolatedPolicy, true, func(s *Stats) *uint64 { return &s.Expired }},
	{ErrTooBig, CloseTooBig, true, func(s *Stats) *uint64 { return &s.Violations }},
	{ErrInvalidData, CloseNotConsistent, true, func(s *Stats) *uint64 { return &s.Violations }},
	{ErrProtocol, CloseProtocolError, true, func(s *Stats) *uint64 { return &s.Violations }},
}

// endingOf returns what follows from a cause.
func endingOf(cause error) ending {
	for _, known := range endings {
		if errors.Is(cause, known.cause) {
			return known
		}
	}
	return ending{cause, CloseInternalError, false, func(s *Stats) *uint64 { return &s.Failed }}
}

// farewell returns what the client gets when the session ends with a cause: the
// reason that the cause wraps, or the code of its kind. No other text of the
// cause is for the client.
func farewell(cause error) CloseReason {
	reason := CloseReason{Code: endingOf(cause).code}
	if reason.Code == 0 {
		return reason
	}
	if own, ok := errors.AsType[CloseReason](cause); ok && own.check() == nil {
		return own
	}
	return reason
}

// failureOf returns the cause of a session that the application's code has
// ended with an error: a failure, unless that says what the client has done
// wrong, or is a reason to close.
func failureOf(err error) error {
	var status interface{ StatusCode() int }
	_, asked := errors.AsType[CloseReason](err)
	bug := isBug(err)
	switch {
	case bug:
		return &failure{err, errFailed}
	case asked:
		return &failure{err, errAsked}
	case errors.Is(err, ErrInvalidData):
		return &failure{err, ErrInvalidData}
	case errors.As(err, &status) && status.StatusCode() < http.StatusInternalServerError:
		return &failure{err, errEnded}
	default:
		return &failure{err, errFailed}
	}
}

// isBug reports whether an error is a mistake of the application at any time,
// even when nobody listens any more.
func isBug(err error) bool {
	_, panicked := errors.AsType[*app.PanicError](err)
	return panicked || errors.Is(err, ErrInvalidMessage)
}

// failure is the cause of a session that the application's code has ended, with
// whatever error: it reads as that error, and is of a kind of our own.
type failure struct {
	error
	kind error
}

// Unwrap lets callers find the error of the application's code.
func (f *failure) Unwrap() error { return f.error }

// Is reports whether target is the kind of the failure.
func (f *failure) Is(target error) bool { return target == f.kind }
