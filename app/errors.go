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

// ErrPass is returned by a handler that leaves a call to others on purpose, as
// one that serves files does where there is no file: the next handler of the
// route runs. Status and headers that were set stay. If none answers, the call
// ends with that status, or 404, and nothing is logged. Once the call is
// answered it is an error like any other.
var ErrPass = errors.New("handler leaves the call to the next one")

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

// Error returns status, message and cause. A nil *Error says that it is one.
func (e *Error) Error() string {
	if e == nil {
		return "a nil *app.Error was returned as an error: return nil itself"
	}
	text := fmt.Sprintf("%d %s", e.StatusCode(), e.text())
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// StatusCode returns the status of the answer. That of a nil *Error is 500.
func (e *Error) StatusCode() int {
	if e == nil || e.Status == 0 {
		return http.StatusInternalServerError
	}
	return e.Status
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

func (e *Error) text() string {
	if e == nil || e.Message == "" {
		return http.StatusText(e.StatusCode())
	}
	return e.Message
}

// A PanicError is what a recovered panic of a handler, hook or middleware
// becomes, and what stands for runtime.Goexit and for an error whose methods
// panic. It is answered with 500.
type PanicError struct {
	// Value is what was passed to panic, or a text that says what has happened.
	Value any
	// Stack is the stack of the goroutine that panicked.
	Stack []byte
}

// Error returns the value that was passed to panic, without the stack.
func (e *PanicError) Error() string {
	if e == nil {
		return "a nil *app.PanicError was returned as an error: return nil itself"
	}
	return "panic: " + textOf(e.Value)
}

// Unwrap returns the value if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	if e == nil {
		return nil
	}
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
