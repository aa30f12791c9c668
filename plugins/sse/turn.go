package sse

import "sync/atomic"

// A turn is a mutex for which one waits by a channel. It may be held until a
// write deadline, and the time of testing/synctest stands still while a goroutine
// waits for a sync.Mutex. Whoever has waited longest is next. The zero turn is
// free.
type turn struct {
	last atomic.Pointer[waiter] // who came last; &nobody if nobody waits; nil if it is free
}

// A waiter waits for a turn.
type waiter struct {
	called chan struct{} // closed when the turn is the waiter's
	before *waiter       // who came before it, &nobody if nobody waits who did
}

var nobody waiter //nolint:gochecknoglobals // never written, its address is its meaning

// TryLock takes the turn if it is free, and reports whether it was.
func (t *turn) TryLock() bool { return t.last.CompareAndSwap(nil, &nobody) }

// Lock takes the turn, or waits for it.
func (t *turn) Lock() {
	if t.TryLock() {
		return
	}
	w := &waiter{called: make(chan struct{})}
	for !t.TryLock() {
		w.before = t.last.Load()
		if w.before != nil && t.last.CompareAndSwap(w.before, w) {
			<-w.called
			return
		}
	}
}

// Unlock gives the turn to whoever has waited longest. Only who holds it takes a
// waiter away, others come behind the last.
func (t *turn) Unlock() {
	for !t.last.CompareAndSwap(&nobody, nil) {
		first, next := t.last.Load(), (*waiter)(nil)
		for first.before != &nobody {
			next, first = first, first.before
		}
		if next != nil {
			next.before = &nobody
		} else if !t.last.CompareAndSwap(first, &nobody) {
			continue // somebody has come
		}
		close(first.called)
		return
	}
}
