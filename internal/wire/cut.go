package wire

import (
	"context"
	"sync"
	"time"
)

// A cut ends what is stuck when the call's context ends, by a deadline in the
// past. It holds all that it touches, so that a write beside it changes nothing
// that it reads.
type cut struct {
	writes  writeDeadliner
	reads   readDeadliner // nil if no read can be stuck
	stop    func() bool
	stopped bool // before it fired

	firing sync.WaitGroup // to wait for when it cannot be stopped any more

	mu    sync.Mutex // guards fired, and orders deadlines
	fired bool
}

// armCut prepares a cut, before the first write that may get stuck. A request
// with a body may be stuck in reading: over HTTP/1.1 net/http reads what is left
// of it before it sends anything.
func armCut(ctx context.Context, writes writeDeadliner, over transport) *cut {
	c := &cut{writes: writes}
	if over == http1Body || over == http1Duplex {
		c.reads, _ = writes.(readDeadliner)
	}
	c.firing.Add(1)
	afterFunc := context.AfterFunc
	if own, has := ctx.(interface{ AfterFunc(func()) func() bool }); has { // with less memory
		afterFunc = func(_ context.Context, f func()) func() bool { return own.AfterFunc(f) }
	}
	c.stop = afterFunc(ctx, c.fire)
	return c
}

// fire runs on a goroutine of its own, beside a write.
func (c *cut) fire() {
	defer c.firing.Done()
	c.now()
}

// now ends what is stuck, and what comes after it.
func (c *cut) now() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fired = true
	past := time.Unix(1, 0)
	_ = c.writes.SetWriteDeadline(past)
	if c.reads != nil {
		_ = c.reads.SetReadDeadline(past)
	}
}

// setDeadline sets the deadline, unless the cut has set the last one.
func (c *cut) setDeadline(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fired {
		_ = c.writes.SetWriteDeadline(at) // a connection that is gone fails the write that follows
	}
}

// disarm reports whether the cut was stopped in time. If not, it has set the
// last deadline when disarm returns. It may be called again.
func (c *cut) disarm() bool {
	if c.stopped = c.stopped || c.stop(); !c.stopped {
		c.firing.Wait()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.fired
}
