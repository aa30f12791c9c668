package registry

import (
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
)

// An Entry is the place of a session in a [Registry], embedded in the session,
// which S points to.
type Entry[S any] struct {
	id             uint64
	next, previous S // guarded by the mu of the registry
}

// ID returns the number of the session: 1 for the first one that was added.
func (e *Entry[S]) ID() uint64 { return e.id }

func (e *Entry[S]) self() *Entry[S] { return e } //nolint:unused // by the constraint

// A Session is a pointer to what embeds an [Entry].
type Session[S any] interface {
	comparable
	Call() *app.Call
	self() *Entry[S]
}

// A Config says what the sessions of a [Registry] are, and how long they last.
type Config[S, T any] struct {
	// Cancel ends a session for a cause, unless it is over.
	Cancel func(s S, cause error)
	// Count adds what a session has done until now.
	Count func(stats *T, s S)
	// MaxAge and Until are as in the Config of a plugin: at MaxAge, less a fifth at
	// most, a session ends with TooOld, at the time of Until with Expired.
	MaxAge          time.Duration
	Until           func(c *app.Call) (end time.Time, limited bool)
	TooOld, Expired error
}

// A Registry knows the sessions that are open. Its methods may be called from
// any goroutine.
type Registry[S Session[S], T any] struct {
	config Config[S, T]

	mu       sync.Mutex // guards what follows
	first    S
	last     uint64 // the ID of the session that was added last
	open     int    // sessions in the list
	stopping bool
	stats    T // of the sessions that have been removed
}

// New returns an empty registry.
func New[S Session[S], T any](config Config[S, T]) *Registry[S, T] {
	return &Registry[S, T]{config: config}
}

// All returns the sessions that are open now, the one that was added last first.
func (r *Registry[S, T]) All() iter.Seq[S] {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Values(slices.AppendSeq(make([]S, 0, r.open), r.list))
}

// Stats returns what all sessions have done, those that are open included, how
// many there have been, and how many are open.
func (r *Registry[S, T]) Stats() (stats T, opened uint64, open int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats = r.stats
	for s := range r.list {
		r.config.Count(&stats, s)
	}
	return stats, r.last, r.open
}

// list yields the sessions. The caller holds mu.
func (r *Registry[S, T]) list(yield func(S) bool) {
	var none S
	for s := r.first; s != none; s = s.self().next {
		if !yield(s) {
			return
		}
	}
}

// Add adds a session that begins, and ends it after Stop.
func (r *Registry[S, T]) Add(s S) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.open++
	if r.stopping {
		r.config.Cancel(s, app.ErrStopping)
	}
	var none S
	e := s.self()
	e.id, e.next = r.last, r.first
	if e.next != none {
		e.next.self().previous = s
	}
	r.first = s
}

// Remove takes a session that has ended off the list. What it has done, and its
// end, by a counter, are added up in the same moment, so that Stats never has
// them twice or not at all.
func (r *Registry[S, T]) Remove(s S, counter func(*T) *uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	r.config.Count(&r.stats, s)
	*counter(&r.stats)++
	var none S
	e := s.self()
	if e.previous != none {
		e.previous.self().next = e.next
	} else {
		r.first = e.next
	}
	if e.next != none {
		e.next.self().previous = e.previous
	}
	e.next, e.previous = none, none // else whoever keeps a session that has ended keeps others
}

// Stop ends all sessions with app.ErrStopping, those to come included.
func (r *Registry[S, T]) Stop() {
	r.mu.Lock()
	r.stopping = true
	r.mu.Unlock()
	r.Cancel(app.ErrStopping)
}

// Cancel ends the sessions that are open now, and waits for none of them.
func (r *Registry[S, T]) Cancel(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.list {
		r.config.Cancel(s, cause)
	}
}

// Limit ends a new session at its maximum age, or when what has let its client in
// expires, if that is earlier. It returns the timer, nil if there is no limit or
// the time has passed: then it has ended the session.
func (r *Registry[S, T]) Limit(s S) *time.Timer {
	lasts, cause := r.config.MaxAge, r.config.TooOld
	lasts -= rand.N(lasts/5 + 1) //nolint:gosec // nobody gains by guessing it
	if r.config.Until != nil {
		end, limited := r.config.Until(s.Call())
		left := time.Until(end)
		switch {
		case limited && left <= 0:
			r.config.Cancel(s, r.config.Expired)
			return nil
		case limited && (lasts == 0 || left < lasts):
			lasts, cause = left, r.config.Expired
		}
	}
	if lasts == 0 {
		return nil
	}
	return time.AfterFunc(lasts, func() { r.config.Cancel(s, cause) })
}
