package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrStopping is the cause of every context that ends because the application
// stops.
var ErrStopping = errors.New("application is stopping")

// ErrAnswered is wrapped by the error of a second respond. Ktor ignores a
// second respond.
var ErrAnswered = errors.New("call is answered already")

// ErrReceived is wrapped by the error of a second receive of one body.
//
// Ktor: RequestAlreadyConsumedException.
var ErrReceived = errors.New("request body is received already")

// An Error is an error that is made to be shown: it names the status of the
// answer, and its Message is the answer's text. Any other error is answered
// with the status that it or an error it wraps gives by a method StatusCode()
// int, or 500, and its text stays in the log unless the application is in
// development mode.
type Error struct {
	// Status is the status code of the answer; 0 means 500.
	Status int
	// Message is sent to the client as text. Empty sends the status text.
	Message string
	// Err is the cause, for the log only. Nil means that there is none.
	Err error
}

// NewError returns an error that is answered with the status and the message.
//
// Ktor: BadRequestException, NotFoundException and their like.
func NewError(status int, message string) *Error { return &Error{Status: status, Message: message} }

// Error returns status, message and cause.
func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s", e.StatusCode(), e.text())
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// StatusCode returns the status of the answer.
func (e *Error) StatusCode() int {
	if e.Status == 0 {
		return http.StatusInternalServerError
	}
	return e.Status
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) text() string {
	if e.Message == "" {
		return http.StatusText(e.StatusCode())
	}
	return e.Message
}

// A PanicError is what a recovered panic of a handler, hook or middleware
// becomes. It is answered with 500.
type PanicError struct {
	// Value is what was passed to panic.
	Value any
	// Stack is the stack of the goroutine that panicked.
	Stack []byte
}

// Error returns the value that was passed to panic, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// answerTo returns the status and the text that answer err in a call with
// context ctx.
func answerTo(ctx context.Context, err error, development bool) (status int, text string) {
	var coded interface{ StatusCode() int }
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, new(*PanicError)):
		status = http.StatusInternalServerError
	case errors.As(err, &coded):
		status = coded.StatusCode()
	case errors.As(err, &tooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, context.DeadlineExceeded):
		status = http.StatusGatewayTimeout
	case errors.Is(err, ErrStopping), errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), ErrStopping):
		status = http.StatusServiceUnavailable
	}
	if status < 200 || status > 999 {
		status = http.StatusInternalServerError
	}
	var shown *Error
	switch {
	case errors.As(err, &shown) && shown.StatusCode() == status:
		text = shown.text()
	case development:
		text = err.Error()
	default:
		text = http.StatusText(status)
	}
	return status, text
}
