package sse

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// A joining is what a subscriber has joined.
type joining struct {
	mu    *sync.Mutex // guards what follows: a session's own, or that of all outsiders
	first *member     // one for each hub; nearly all have joined one
	stage stage

	changed atomic.Bool // the members are not what they were when all was last called
	bell    bell        // heard by who delivers
}

// stage is how far a subscriber that has joined a hub has come.
type stage uint8

const (
	stageServing  stage = iota // its function has not returned
	stageReturned              // it has, and what its client has missed is looked for
	stageMoving                // the same, and its connection is being taken over from the server
	stageHeld                  // it delivers events on the goroutine of its call
	stageParked                // it has none: others deliver
	stageBeside                // it delivers events while its function goes on: it is no stream
	stageOver
)

// joinable returns what the session has joined, if it can join a hub. The caller
// holds mu.
func (s *Session) joinable() (*joining, error) {
	if s.workers == 0 {
		return nil, errors.New("the function of the stream has returned")
	}
	if s.seldom().adopted != nil {
		return nil, errForeign
	}
	joined := &s.seldom().joining
	if joined.bell.heard.Load() == nil {
		joined.bell.hang()
	}
	if joined.stage == stageOver || joined.stage != stageServing && joined.first == nil {
		return nil, errors.New("the function of the stream has returned")
	}
	return joined, nil
}

// joined returns what the session has joined, nil if it has never asked for it.
func (s *Session) joined() *joining {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return nil
	}
	return &s.rare.joining
}

// memberOf returns the member that is in a hub, nil if there is none. Who has joined
// nothing may be nil.
func (j *joining) memberOf(h *Hub) *member {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.in(h)
}

// in returns the member that is in a hub, nil if there is none. The caller holds mu.
func (j *joining) in(h *Hub) *member {
	for m := j.first; m != nil; m = m.next {
		if m.hub == h {
			return m
		}
	}
	return nil
}

// all appends the members.
func (j *joining) all(members []*member) []*member {
	j.mu.Lock()
	defer j.mu.Unlock()
	for m := j.first; m != nil; m = m.next {
		members = append(members, m)
	}
	return members
}

// hasOtherThan reports whether a hub has Replay, and another one that was joined has
// it too. The caller holds mu.
func (j *joining) hasOtherThan(h *Hub) bool {
	for m := j.first; m != nil; m = m.next {
		if other := m.hub; h.config.Replay && other != h && other.config.Replay {
			return true
		}
	}
	return false
}

// leave takes the subscriber out of topics, without any out of the hub. Who has
// joined nothing may be nil.
func (j *joining) leave(h *Hub, topics []string) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	m := j.in(h)
	if m != nil && (len(topics) == 0 || m.leave(topics)) {
		j.drop(m)
	}
}

// drop takes a member out of its hub. The caller holds mu.
func (j *joining) drop(m *member) {
	h := m.hub
	m.at.leave()
	m.comeback().leave()
	h.mu.Lock()
	for joined := range m.choices().all() {
		joined.topic.remove(joined)
		h.forget(joined.topic)
	}
	m.several.Store(&several{})
	h.joined--
	h.mu.Unlock()
	j.remove(m)
	wake(h.passed)
	j.bell.ring()
}

// add makes a member one of those of the subscriber. The caller holds mu.
func (j *joining) add(m *member) {
	m.next, j.first = j.first, m
	j.changed.Store(true)
}

// remove undoes add. The caller holds mu.
func (j *joining) remove(m *member) {
	at := &j.first
	for *at != m {
		at = &(*at).next
	}
	*at = m.next
	j.changed.Store(true)
}

// end takes the subscriber out of all hubs, and lets it join no other. The caller
// holds mu.
func (j *joining) end() {
	for j.first != nil {
		j.drop(j.first)
	}
	j.stage = stageOver
}

// deliver delivers what the hubs have, until there is none left or ctx ends, or
// until moved says, when there is nothing to deliver, that somebody else does it from
// here on. Moved may be nil.
func (j *joining) deliver(ctx context.Context, moved func() bool) error {
	var members []*member
	for ctx.Err() == nil {
		if j.changed.Swap(false) {
			members = j.all(members[:0])
		}
		if len(members) == 0 {
			return nil
		}
		more, err := j.round(members)
		switch {
		case err != nil:
			return err
		case more:
		case moved != nil && moved():
			return nil
		default:
			<-j.bell.rung()
		}
	}
	return nil
}

// round delivers one write of what each member has, and reports whether there may be
// more.
func (j *joining) round(members []*member) (more bool, err error) {
	for _, m := range members {
		last := m.hub.isClosed() // nothing is published from here on
		again, err := m.deliver()
		if err != nil {
			return false, err
		}
		if last && !again {
			j.leave(m.hub, nil)
		}
		more = more || again
	}
	return more, nil
}

// leaveHubs takes the session out of all hubs, and lets it join no other: its
// function has failed, or delivery is over. What Go has begun may go on.
func (s *Session) leaveHubs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil && s.workers == 1 {
		return // whoever joins from here on is taken out when the work is over
	}
	s.seldom().joining.end()
}

// joinedWhenReturned says that the session's function has returned, and returns
// the members that the session is.
func (s *Session) joinedWhenReturned() []*member {
	s.mu.Lock()
	if s.rare != nil || s.workers > 1 { // else nobody is left who could join
		if j := &s.seldom().joining; j.stage == stageServing {
			j.stage = stageReturned
		}
	}
	s.mu.Unlock()
	if j := s.joined(); j != nil {
		return j.all(nil)
	}
	return nil
}

// settle says that the session's function has returned and that the head has
// left: from here on publishers wait for it.
func (s *Session) settle() *joining {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := &s.rare.joining
	j.stage = stageHeld
	for m := j.first; m != nil; m = m.next {
		m.settle()
	}
	s.delivering.Store(s)
	return j
}

// wakeWaiting wakes all that wait for something that does not come any more, since
// the session has ended: who delivers, and publishers, also if a write is stuck.
func (s *Session) wakeWaiting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := &s.rare.joining
	j.bell.ring()
	for m := j.first; m != nil; m = m.next {
		wake(m.hub.passed)
	}
}
