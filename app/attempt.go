package app

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
)

// What the application's code ends with is foreign: an error may be a nil
// pointer whose methods panic, a panic may carry such an error, and
// runtime.Goexit returns nothing at all. It is looked at in this file, inside
// what recovers. An error that has come from here can be asked anything.

// Attempt runs code of the application and calls end, once, with what it has
// ended with: the error that it returned, nil among them, or a [PanicError] for
// a panic, for runtime.Goexit, and for an error whose methods panic, such as a
// nil pointer. It is for plugins that run such code on goroutines of their own,
// where a panic would end the process. After runtime.Goexit the goroutine ends
// when end has returned, and Attempt does not return. Neither function may be
// nil.
func Attempt(run func() error, end func(err error)) {
	var err error
	returned := false
	defer func() {
		if !returned {
			err = ended(recover())
		}
		end(err)
	}()
	err = sound(run())
	returned = true
}

// recovered runs a handler or hook and makes a panic an error. It does not
// return from runtime.Goexit: see [Call.run].
func recovered[T any](code func(T) error, given T) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = ended(value)
		}
	}()
	return sound(code(given))
}

// ended returns the error that stands for what recover has returned in a
// function that did not return: the value of a panic, or nil if runtime.Goexit
// ends the goroutine. http.ErrAbortHandler stands for itself.
func ended(value any) error {
	stack := debug.Stack()
	switch err, isError := value.(error); {
	case value == nil:
		value = "runtime.Goexit was called"
	case !isError:
	case flaw(err) != nil:
		value = fmt.Sprintf("%T: %s", value, textOf(value)) // nobody unwraps it
	case errors.Is(err, http.ErrAbortHandler):
		return http.ErrAbortHandler
	}
	return &PanicError{Value: value, Stack: stack}
}

// sound returns err, or a [PanicError] in its place if its methods panic.
func sound(err error) error {
	switch own := err.(type) { //nolint:errorlint // itself, not what it wraps
	case nil:
		return nil
	case *Error: // ours, and the most frequent
		if own.Unwrap() == nil {
			return err
		}
	}
	found := flaw(err)
	if found == nil {
		return err
	}
	if value := reflect.ValueOf(err); value.Kind() == reflect.Pointer && value.IsNil() {
		found.Value = fmt.Sprintf("a nil %T was returned as an error: return nil itself", err)
	} else {
		found.Value = fmt.Sprintf("a method of the error %T panics: %s", err, textOf(found.Value))
	}
	return found
}

// flaw asks err all that errors are asked here, and returns the panic of the
// method that does not stand it, or nil. Of LogValue and Format slog and fmt
// take care themselves.
func flaw(err error) (found *PanicError) {
	defer func() {
		if value := recover(); value != nil {
			found = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	_ = err.Error()
	errors.Is(err, errUnknown) // its Is and Unwrap, and those of all that it wraps
	errors.As(err, new(*unknownError))
	var coded interface{ StatusCode() int }
	if errors.As(err, &coded) {
		coded.StatusCode()
	}
	return nil
}

// unknownError is an error that no other wraps.
type unknownError struct{}

func (*unknownError) Error() string { return "unknown" }

var errUnknown error = &unknownError{}

// wraps is errors.Is for a target that is foreign, and may be one of which ==
// panics. That happens between two of its kind alone, so that they count as one.
func wraps(err, target error) (found bool) {
	defer func() {
		if recover() != nil {
			found = true
		}
	}()
	return errors.Is(err, target)
}

// textOf prints a foreign value, also one that fmt cannot print.
func textOf(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T that cannot be printed", value)
		}
	}()
	return fmt.Sprint(value)
}

// each calls do with all of the items in turn, also those behind one whose code
// ends the goroutine.
func each[T any](items []T, do func(T)) {
	next := 0
	defer func() {
		if next < len(items) {
			each(items[next:], do)
		}
	}()
	for next < len(items) {
		next++
		do(items[next-1])
	}
}

// isPanic reports whether err stands for a panic, which is a mistake of the
// application whatever it was thrown with.
func isPanic(err error) bool {
	found, ok := errors.AsType[*PanicError](err)
	return ok && found != nil
}

// withStack returns the attributes of a log line about err, with the stack if it
// is a panic, and the line if it is a second answer.
func withStack(err error, attributes ...any) []any {
	all := append(make([]any, 0, len(attributes)+4), "error", err)
	all = append(all, attributes...)
	if found, ok := errors.AsType[*PanicError](err); ok && found != nil {
		return append(all, "stack", string(found.Stack))
	}
	if second, ok := errors.AsType[*secondAnswerError](err); ok {
		return append(all, "site", second.site.String())
	}
	return all
}
