package registry

import (
	"context"
	"errors"

	"github.com/chitor-go/chitor/app"
)

// user is a session that was given code of the application.
type user interface {
	Call() *app.Call
	Context() context.Context
}

// LogNil logs that a function which a session was given is nil, where there is
// nobody to return the mistake to.
func LogNil(s user, site app.Site, mistake error) {
	s.Call().Application().Logger().ErrorContext(s.Context(), "a nil function was left out",
		"error", mistake, "site", site.String())
}

// CallEnd calls a function of OnEnd. What becomes of it changes nothing any more.
func CallEnd(s user, end func(cause error)) {
	app.Attempt(func() error {
		end(context.Cause(s.Context()))
		return nil
	}, func(err error) {
		if err != nil {
			s.Call().Application().Logger().ErrorContext(s.Context(), "a function of OnEnd failed",
				append([]any{"error", err}, StackOf(err)...)...)
		}
	})
}

// StackOf returns the attribute of a log line with the stack of an error that is
// a panic.
func StackOf(err error) []any {
	if bug, ok := errors.AsType[*app.PanicError](err); ok {
		return []any{"stack", string(bug.Stack)}
	}
	return nil
}
