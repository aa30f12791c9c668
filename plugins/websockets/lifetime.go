package websockets

import (
	"context"
	"fmt"
	"time"
)

// A lifetime is that of a session: it begins before the function that serves it
// does, and ends once, with the first cause that cancel is given.
type lifetime struct {
	ctx    context.Context // ends with the session
	cancel context.CancelCauseFunc
	opened time.Time
}

func newLifetime(callCtx context.Context) lifetime {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(callCtx))
	return lifetime{ctx: ctx, cancel: cancel, opened: time.Now()}
}

// age returns how long the session has lasted.
func (l *lifetime) age() time.Duration { return time.Since(l.opened) }

// over returns nil while the session lasts, and afterwards an error that wraps
// the cause of its end.
func (l *lifetime) over(operation string) error {
	if l.ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, context.Cause(l.ctx))
}
