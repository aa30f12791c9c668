package sse

import (
	"sync/atomic"
	"time"
)

// A member is a session in a hub. It delivers the hub's events itself, on the
// goroutine that has served it.
type member struct {
	hub      *Hub
	session  *Session
	wake     chan struct{} // says that there is something to deliver
	at       cursor
	standing atomic.Int32
	choices  atomic.Pointer[choices] // replaced as a whole, with the session's mu held
	comeback comeback
	marked   bool // the client knows where it begins; that of who delivers
	stall    stall
}

// A stall is how long publishers have waited for a client that takes nothing, one
// after the other: those whose contexts have ended before. It belongs to whoever
// has the hub's turn.
type stall struct {
	since  time.Time     // when the client had last taken something
	waited time.Duration // from then on, by those that wait no longer
}

// choices are the topics that a member has joined.
type choices struct {
	byTopic map[*topic]*membership
	newest  bool // of some of them the newest event alone is wanted
}

// The standing of a member decides whether a publisher waits for it.
const (
	standingServing   int32 = iota // the session's function has not returned
	standingReturning              // it has, and the client catches up with what it has missed
	standingCurrent
)

// tell says that an entry is for the member.
func (m *member) tell(seq uint64) {
	if m.at.tell(seq) {
		wake(m.wake)
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
	all := m.choices.Load().byTopic
	if e.topic != nil {
		joined := all[e.topic]
		return joined != nil && joined.needs(e)
	}
	for _, joined := range all {
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
	moved := m.session.moved()
	if moved.After(m.stall.since) {
		m.stall = stall{since: moved}
	}
	if moved.After(began) {
		began = moved
	}
	return m.stall.waited + now.Sub(began)
}

// lag ends the session of a member that is not waited for any longer. It needs
// nothing of the log from here on, before anybody else learns of it.
func (m *member) lag() {
	m.at.leave()
	m.hub.counts.lagged.Add(1)
	m.session.cancel(ErrLagged)
	m.session.cut()
}
