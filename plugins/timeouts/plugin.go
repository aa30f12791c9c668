package timeouts

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// Plugin sets time limits for the calls of an application or of some routes. It
// can be installed on both; only the nearest installation runs.
var Plugin = app.NewScopedPlugin("Timeouts", defaults, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	if err := config.check(); err != nil {
		return err
	}
	b.InterceptUntilCommit(app.PhaseSetup, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			config.apply(c)
			if config.ResponseTimeout == 0 {
				return next(c)
			}
			limit := limitResponse(c, config.ResponseTimeout)
			defer limit.timer.Stop()
			return limit.explain(c, next(c))
		}
	})
	if config.ResponseTimeout > 0 {
		b.OnBodyReady(func(c *app.Call, _ *app.Outgoing) error {
			if limit, ok := limitKey.Get(c); ok {
				limit.timer.Stop()
			}
			return nil
		})
	}
	return nil
}

func (c Config) apply(call *app.Call) {
	if c.ReadTimeout != Inherited {
		call.SetReadTimeout(c.ReadTimeout)
	}
	if c.MinReadRate != Inherited {
		call.SetMinReadRate(c.MinReadRate)
	}
	if c.WriteTimeout != Inherited {
		call.SetWriteTimeout(c.WriteTimeout)
	}
}

// limitKey holds the limit of a call whose response has not begun to leave.
var limitKey = app.NewKey[*responseLimit]("timeouts.response")

// errLate is what ends the context of a call that is not answered in time.
var errLate = app.NewError(http.StatusServiceUnavailable, "the response did not begin in time")

// A responseLimit ends the context of a call that is not answered in time.
type responseLimit struct {
	timer *time.Timer
	over  atomic.Bool // it has ended the context
}

func limitResponse(c *app.Call, timeout time.Duration) *responseLimit {
	ctx, cancel := context.WithCancelCause(c.Context())
	limit := &responseLimit{}
	limit.timer = time.AfterFunc(timeout, func() {
		limit.over.Store(true)
		cancel(errLate)
	})
	limitKey.Set(c, limit)
	c.Request = c.Request.WithContext(ctx)
	return limit
}

// explain returns the error of a call that has not been answered in time. What
// its handler has panicked with is one of its own.
func (l *responseLimit) explain(c *app.Call, err error) error {
	switch {
	case !l.over.Load() || c.Answered() || errors.As(err, new(*app.PanicError)):
		return err
	case err == nil || errors.Is(err, errLate):
		return errLate
	default:
		return &app.Error{Status: errLate.Status, Message: errLate.Message, Err: err}
	}
}
