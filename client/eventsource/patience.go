package eventsource

import (
	"context"
	"fmt"
	"os"
	"time"
)

// patience is how long a connection may wait for something. It passes only while
// a read waits, so that the time which a loop's body takes does not count. A nil
// patience never ends.
type patience struct {
	limit time.Duration
	left  time.Duration // until what is waited for has come
	since time.Time     // when the read that waits began
	timer *time.Timer
}

// newPatience returns a patience that ends a connection by cancel, with an error
// that begins with what has happened. It is nil if there is no limit.
func newPatience(limit time.Duration, happened string, cancel context.CancelCauseFunc) *patience {
	if limit <= 0 {
		return nil
	}
	timer := time.AfterFunc(limit, func() {
		cancel(fmt.Errorf("%s %v: %w", happened, limit, os.ErrDeadlineExceeded))
	})
	timer.Stop() // nothing waits yet
	return &patience{limit: limit, left: limit, timer: timer}
}

// wait is called when a read begins.
func (p *patience) wait() {
	if p != nil {
		p.since = time.Now()
		p.timer.Reset(p.left)
	}
}

// stop is called when a read has returned.
func (p *patience) stop() {
	if p != nil {
		p.timer.Stop()
		p.left -= time.Since(p.since)
	}
}

// renew is called when what is waited for has come.
func (p *patience) renew() {
	if p != nil {
		p.left = p.limit
	}
}
