package health

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// errStuck is what a check fails with that was left behind.
var errStuck = errors.New("it has not returned since it was called before")

// checks runs the checks of readiness. Rounds follow one another, and any number
// of calls wait for the same one.
type checks struct {
	app     *app.Application
	timeout time.Duration
	maxAge  time.Duration
	all     []*check

	mu     sync.Mutex // guards latest
	latest *round     // nil before the first one
}

// check is a check with what is known of it.
type check struct {
	namedCheck

	running atomic.Bool
	failing bool // of the last round, which alone reads and writes it
}

// round is one run of all checks.
type round struct {
	done chan struct{} // closed when what follows is set
	at   time.Time     // of its end
	errs []error       // of each check, nil if it has passed
}

func newChecks(a *app.Application, config *Config) *checks {
	c := &checks{app: a, timeout: config.Timeout, maxAge: config.MaxAge}
	for _, named := range config.checks {
		c.all = append(c.all, &check{namedCheck: named})
	}
	return c
}

// respond answers a call for readiness.
func (c *checks) respond(call *app.Call) error {
	if call.Application().Draining() {
		return respond(call, answer{Status: draining})
	}
	if len(c.all) == 0 {
		return respond(call, answer{Status: up})
	}
	current := c.current()
	select {
	case <-current.done:
	case <-call.Context().Done():
		return fmt.Errorf("wait for checks: %w", context.Cause(call.Context()))
	}
	found := answer{Status: up, Checks: map[string]string{}}
	for i, err := range current.errs {
		name := c.all[i].name
		if err == nil {
			found.Checks[name] = up
			continue
		}
		found.Status, found.Checks[name] = down, down
		if call.Application().Config().Development {
			if found.Errors == nil {
				found.Errors = map[string]string{}
			}
			found.Errors[name] = err.Error()
		}
	}
	return respond(call, found)
}

// current returns the round that is under way, or whose outcome still counts, and
// begins another one if there is none.
func (c *checks) current() *round {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest != nil {
		select {
		case <-c.latest.done:
			if age := time.Since(c.latest.at); age < c.maxAge {
				return c.latest
			}
		default:
			return c.latest
		}
	}
	began := &round{done: make(chan struct{}), errs: make([]error, len(c.all))}
	c.latest = began
	c.app.Go(func(ctx context.Context) error {
		c.run(ctx, began)
		return nil
	})
	return began
}

// run runs all checks at once and waits for them, but no longer than they may
// take.
func (c *checks) run(ctx context.Context, r *round) {
	defer close(r.done)
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("it has not returned within %v", c.timeout))
		defer cancel()
	}
	type outcome struct {
		check int
		err   error
	}
	outcomes := make(chan outcome, len(c.all)) // one that comes too late goes nowhere
	waiting := make(map[int]bool, len(c.all))
	for i, one := range c.all {
		if !one.running.CompareAndSwap(false, true) {
			r.errs[i] = errStuck
			continue
		}
		waiting[i] = true
		c.app.Go(func(context.Context) error {
			app.Attempt(func() error { return one.run(ctx) }, func(err error) {
				one.running.Store(false)
				outcomes <- outcome{i, err}
			})
			return nil
		})
	}
	for len(waiting) > 0 {
		select {
		case ended := <-outcomes:
			r.errs[ended.check] = ended.err
			delete(waiting, ended.check)
		case <-ctx.Done():
			for i := range waiting {
				r.errs[i] = context.Cause(ctx)
			}
			clear(waiting)
		}
	}
	r.at = time.Now()
	c.log(r)
}

// log says which checks have changed.
func (c *checks) log(r *round) {
	for i, one := range c.all {
		err := r.errs[i]
		switch {
		case err != nil && !one.failing:
			c.app.Logger().Warn("a health check fails", "check", one.name, "error", err)
		case err == nil && one.failing:
			c.app.Logger().Info("a health check passes again", "check", one.name)
		}
		one.failing = err != nil
	}
}
