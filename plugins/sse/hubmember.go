package sse

import (
	"context"
	"sync/atomic"
	"time"
)

// A member is a subscriber in a hub. It delivers the hub's events itself: an event
// stream on the goroutine that has served it, any other one on one of its own.
type member struct {
	hub   *Hub
	next  *member // of the same subscriber, in another hub; guarded by the mu of the joining
	to    recipient
	bell  *bell // of the subscriber
	at    cursor
	first membership // nearly all have no other
	// Nil if there is no other; replaced as a whole, with the mu of the joining held.
	several  atomic.Pointer[several]
	trouble  atomic.Pointer[trouble] // nil until something in it is needed
	standing atomic.Int32
	marked   bool // the client knows where it begins; that of who delivers
	cameBack bool // with an ID of this hub's; set before it delivers
}

// A trouble is what few members have, and none for long.
type trouble struct {
	comeback comeback
	stall    stall
}

// troubled returns what few members have, and makes it.
func (m *member) troubled() *trouble {
	for { // it may be given up meanwhile
		if t := m.trouble.Load(); t != nil {
			return t
		}
		m.trouble.CompareAndSwap(nil, &trouble{})
	}
}

// comeback returns what the member has to catch up with, nil if it never had to.
func (m *member) comeback() *comeback {
	if t := m.trouble.Load(); t != nil {
		return &t.comeback
	}
	return nil
}

// A recipient is what a hub needs of a subscriber. There are two: a [Session],
// which takes events as they go over the wire, and an outsider, which takes them
// as they are. Nothing of it is called with a lock held, but for isOver and
// resumesFrom, which are not the application's code.
type recipient interface {
	Context() context.Context
	isOver() bool
	resumesFrom() string // its last event ID
	GoDeliver(work func(ctx context.Context) error)
	deliver(r *run) error
	tellStart(id string) error    // tells the client where it begins, if it keeps that
	tellMissed(event Event) error // that events are lost
	sendBack() error              // the same where there is no event for it; it ends
	moved() time.Time             // when it has taken something
	lag()                         // ends it, since nobody waits for it any longer
}

// A stall is how long publishers have waited for a client that takes nothing, one
// after the other: those whose contexts have ended before. It belongs to whoever
// has the hub's turn.
type stall struct {
	since  time.Duration // when the client had last taken something: an age of the hub
	waited time.Duration // from then on, by those that wait no longer
}

// The standing of a member decides whether a publisher waits for it.
const (
	standingServing   int32 = iota // the function of the stream has not returned
	standingReturning              // it has, and the client catches up with what it has missed
	standingCurrent
)

// tell says that an entry is for the member.
func (m *member) tell(seq uint64) {
	if m.at.tell(seq) {
		m.bell.ring()
	}
}

// wake puts a word into a channel of size 1, unless there is one.
func wake(channel chan struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

// needs reports whether an entry of one of its topics is to be delivered still, or
// a gap, which is for all that can miss something. The caller holds the hub's mu.
func (m *member) needs(e *entry) bool {
	chosen := m.choices()
	if e.topic != nil {
		joined := chosen.of(e.topic)
		return joined != nil && joined.needs(e)
	}
	for joined := range chosen.all() {
		if joined.needs(e) {
			return true
		}
	}
	return false
}

func (m *member) isWaitedFor() bool { return m.standing.Load() == standingCurrent }

// stalled returns for how long the client has taken nothing while publishers
// waited for it, the one that does since began included.
func (m *member) stalled(began, now time.Time) time.Duration {
	return m.stall(began, now).waited
}

// noteStall remembers that, since the publisher that began to wait then does not any
// longer.
func (m *member) noteStall(began time.Time) { m.troubled().stall = m.stall(began, time.Now()) }

func (m *member) stall(began, now time.Time) stall {
	moved := m.to.moved()
	s := stall{since: moved.Sub(m.hub.began)}
	if t := m.trouble.Load(); t != nil && s.since <= t.stall.since {
		s = t.stall
	}
	if moved.After(began) {
		began = moved
	}
	s.waited += now.Sub(began)
	return s
}

// lag ends a member that is not waited for any longer. It needs nothing of the log
// from here on, before anybody else learns of it.
func (m *member) lag() {
	m.at.leave()
	m.hub.counts.lagged.Add(1)
	m.to.lag()
}
