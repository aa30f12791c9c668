package sse

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A lifetime is that of a session: it begins before the function that serves it
// does, and ends once, with the first cause that cancel is given.
type lifetime struct {
	ctx  context.Context // ends with the session
	stop context.CancelCauseFunc
	// callCtx is the context of the call, which ends later than ctx. The call
	// itself may be asked for it by its own goroutine only.
	callCtx context.Context
	opened  time.Time
	ended   atomic.Int64 // the age in nanoseconds, plus 1; 0 while the session lasts
	// Whom the end wakes that waits for something to deliver; nil if nobody does.
	delivering atomic.Pointer[Session]
}

func newLifetime(callCtx context.Context) lifetime {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(callCtx))
	return lifetime{ctx: ctx, stop: cancel, callCtx: callCtx, opened: time.Now()}
}

// cancel ends the session, unless it has ended before.
func (l *lifetime) cancel(cause error) {
	l.ended.CompareAndSwap(0, int64(l.age())+1)
	l.stop(cause)
	if s := l.delivering.Load(); s != nil {
		s.wakeWaiting()
	}
}

// age returns how long the session has lasted.
func (l *lifetime) age() time.Duration { return time.Since(l.opened) }

// sinceEnd returns for how long the session has been over.
func (l *lifetime) sinceEnd() time.Duration { return l.age() - time.Duration(l.ended.Load()-1) }

// over returns nil while the session lasts, and afterwards an error that wraps
// the cause of its end.
func (l *lifetime) over(operation string) error {
	if l.ctx.Err() == nil {
		return nil
	}
	cause := context.Cause(l.ctx)
	if errors.Is(cause, errServed) { // a goroutine asks that nobody waits for
		return fmt.Errorf("%s: %w: the function of the stream has returned: start work that goes on beside it by s.Go", operation, cause)
	}
	return fmt.Errorf("%s: %w", operation, cause)
}

// callEnded translates why the call's context has ended.
func (l *lifetime) callEnded() error {
	switch cause := context.Cause(l.callCtx); {
	case errors.Is(cause, ErrStopping):
		return ErrStopping
	case errors.Is(cause, context.Canceled):
		return ErrClientGone
	default:
		return cause
	}
}
