package ratelimit

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
)

// pause is how long a store that has failed is left alone. Then one call at a
// time tries it.
const pause = time.Second

// An outage is what is known of a store that may fail. It says once that the
// store fails, and once that it answers again.
type outage struct {
	log  *slog.Logger
	name string // of the limit

	mu    sync.Mutex
	since time.Time // zero while the store answers
	next  time.Time // when it is tried again
	calls int       // that went on without it
}

// mayAsk reports whether the store is to be asked for a call.
func (o *outage) mayAsk() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return true
	}
	now := time.Now()
	if now.Before(o.next) {
		o.calls++
		return false
	}
	o.next = now.Add(pause)
	return true
}

// failed notes that the store has failed for a call.
func (o *outage) failed(err error, then StoreFailure) {
	o.mu.Lock()
	now := time.Now()
	began := o.since.IsZero()
	if began {
		o.since = now
	}
	o.next = now.Add(pause)
	o.calls++
	o.mu.Unlock()
	if began {
		o.log.Warn("the store of a rate limit fails: "+then.meanwhile(), "limit", o.name, "error", err)
	}
}

// answered notes that the store has answered.
func (o *outage) answered() {
	o.mu.Lock()
	since, calls := o.since, o.calls
	o.since, o.calls = time.Time{}, 0
	o.mu.Unlock()
	if !since.IsZero() {
		o.log.Info("the store of a rate limit answers again", "limit", o.name, "after", time.Since(since), "calls", calls)
	}
}

func (f StoreFailure) meanwhile() string {
	switch f {
	case LetIn:
		return "calls are let in until it answers again"
	case Refuse:
		return "calls are refused until it answers again"
	default:
		return "this node counts by itself until it answers again"
	}
}

// ask asks the store, and reports false if it fails. It returns an error if the
// call has ended meanwhile.
func (l *limiter) ask(ctx context.Context, policy Policy, key string, weight int) (b Balance, ok bool, err error) {
	if !l.outage.mayAsk() {
		return Balance{}, false, nil
	}
	asking, cancel := ctx, context.CancelFunc(func() {})
	if l.settings.timeout > 0 {
		asking, cancel = context.WithTimeout(ctx, l.settings.timeout)
	}
	defer cancel()
	b, err = l.store.Take(asking, policy, key, weight)
	switch {
	case err == nil:
		l.outage.answered()
		return b, true, nil
	case ctx.Err() != nil: // which says nothing about the store
		return Balance{}, false, context.Cause(ctx)
	default:
		l.outage.failed(err, l.settings.failure)
		return Balance{}, false, nil
	}
}

// instead decides about a call while the store fails.
func (l *limiter) instead(c *app.Call, policy Policy, key string, weight int) (Balance, error) {
	switch l.settings.failure {
	case LetIn:
		return Balance{Taken: true, Tokens: float64(policy.Limit)}, nil
	case Refuse:
		c.Header().Set("Retry-After", "1") // the pause
		return Balance{}, app.NewError(http.StatusServiceUnavailable, "")
	default:
		return l.memory.take(policy, key, weight), nil
	}
}
