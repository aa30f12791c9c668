package websockets

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/admission"
)

// Sessions are the WebSockets of one application: what runs when [Plugin] is
// installed, given out by [SessionsOf]. Its methods may be called from any
// goroutine.
type Sessions struct {
	config      Config // as it was when the plugin was installed
	application *app.Application
	room        *admission.Room
	refused     atomic.Uint64
	buffers     sync.Pool // of *bytes.Buffer, for what is read, and for the data of events

	mu       sync.Mutex // guards what follows
	first    *Session
	last     uint64 // the ID of the session that was opened last
	open     int    // sessions in the list
	stopping bool
	stats    Stats // without what Stats finds out when it is asked
}

func newSessions(config Config, application *app.Application) *Sessions {
	return &Sessions{config: config, application: application, room: admission.NewRoom(admission.Limits{
		Max: config.MaxSessions, MaxPerKey: config.MaxSessionsPerKey, KeyOf: config.Key, RetryAfter: config.RetryAfter,
		Of: "WebSockets",
	})}
}

// All returns the sessions that are open now, the one that was opened last
// first. Each may end at any time; its methods say so then.
func (r *Sessions) All() iter.Seq[*Session] {
	r.mu.Lock()
	defer r.mu.Unlock()
	open := make([]*Session, 0, r.open)
	for s := r.first; s != nil; s = s.next {
		open = append(open, s)
	}
	return slices.Values(open)
}

// CloseAll closes the sessions that are open now, as [Session.Close] does, and
// waits for none of them.
func (r *Sessions) CloseAll() { r.cancelAll(ErrClosed) }

// Stats returns the counters as they are now. It looks at every open session:
// it is meant for every few seconds, which is how often metrics are collected.
func (r *Sessions) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.stats
	stats.Opened, stats.Open = r.last, r.open
	full := r.room.Refused()
	stats.Full, stats.FullForKey, stats.Refused = full.Full, full.FullForKey, r.refused.Load()
	for s := r.first; s != nil; s = s.next {
		stats.add(s)
	}
	return stats
}

func (r *Sessions) add(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.open++
	s.id = r.last
	if r.stopping {
		s.cancel(ErrStopping)
	}
	s.next = r.first
	if r.first != nil {
		r.first.previous = s
	}
	r.first = s
}

// remove takes a session that has ended off the list, and counts its end.
func (r *Sessions) remove(s *Session) {
	counter := endingOf(context.Cause(s.ctx)).counter
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	r.stats.add(s)
	*counter(&r.stats)++
	if s.previous != nil {
		s.previous.next = s.next
	} else {
		r.first = s.next
	}
	if s.next != nil {
		s.next.previous = s.previous
	}
	s.next, s.previous = nil, nil // else whoever keeps a session that has ended keeps others
}

// stop ends all sessions, those to come included.
func (r *Sessions) stop() {
	r.mu.Lock()
	r.stopping = true
	r.mu.Unlock()
	r.cancelAll(ErrStopping)
}

func (r *Sessions) cancelAll(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := r.first; s != nil; s = s.next {
		s.cancel(cause)
	}
}

// limit ends a new session at its maximum age, or when what has let its client in
// expires, if that is earlier. It returns the timer, nil if there is no limit or
// the time has passed: then it has ended the session.
func (r *Sessions) limit(s *Session) *time.Timer {
	lasts, cause := r.age(), ErrTooOld
	if until := r.config.Until; until != nil {
		end, limited := until(s.call)
		left := time.Until(end)
		switch {
		case limited && left <= 0:
			s.cancel(ErrExpired)
			return nil
		case limited && (lasts == 0 || left < lasts):
			lasts, cause = left, ErrExpired
		}
	}
	if lasts == 0 {
		return nil
	}
	return time.AfterFunc(lasts, func() { s.cancel(cause) })
}

// age returns how old a new session may become, 0 for any age: not all of one
// time at once.
func (r *Sessions) age() time.Duration {
	limit := r.config.MaxAge
	random := rand.Float64() //nolint:gosec // nobody gains by guessing it
	return limit - time.Duration(random*float64(limit/5))
}

// writeTimeout returns how long a piece of a message may be on its way, nothing
// positive if there is no limit. The application's is known only after Start.
func (r *Sessions) writeTimeout() time.Duration {
	if r.config.WriteTimeout == 0 {
		return r.application.Config().WriteTimeout
	}
	return r.config.WriteTimeout
}
