package sse

import (
	"context"
	"errors"
	"sync/atomic"
)

// A joining is what a session has joined.
type joining struct {
	stage   stage
	members map[*Hub]*member
	changed atomic.Bool // members is not what it was when it was last asked for
	// Says that there is something to deliver, or that the session has left, or has
	// ended.
	wake chan struct{}
}

// stage is how far a session that has joined a hub has come.
type stage uint8

const (
	stageServing  stage = iota // its function has not returned
	stageReturned              // it has, and what its client has missed is looked for
	stageHeld                  // it delivers events
	stageOver
)

// joinable returns what the session has joined, if it can join a hub. The caller
// holds mu.
func (s *Session) joinable(h *Hub) (*joining, error) {
	if s.workers == 0 {
		return nil, errors.New("the function of the stream has returned")
	}
	joined := &s.seldom().joining
	if joined.members == nil {
		joined.members, joined.wake = map[*Hub]*member{}, make(chan struct{}, 1)
	}
	switch {
	case joined.stage == stageOver, joined.stage != stageServing && len(joined.members) == 0:
		return nil, errors.New("the function of the stream has returned")
	case h.config.Replay:
		for other := range joined.members {
			if other != h && other.config.Replay {
				return nil, errors.New("the session has joined another hub with Replay: a client has one last event ID, use topics of one hub")
			}
		}
	}
	return joined, nil
}

// memberOf returns the session in a hub, nil if it has not joined. The caller
// holds mu.
func (s *Session) memberOf(h *Hub) *member {
	if s.rare == nil {
		return nil
	}
	return s.rare.joining.members[h]
}

// leaveHub takes the session out of a hub.
func (s *Session) leaveHub(h *Hub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.memberOf(h); m != nil {
		s.rare.joining.drop(m)
	}
}

// drop takes a member out of its hub. The caller holds the session's mu.
func (j *joining) drop(m *member) {
	h := m.hub
	m.at.leave()
	m.comeback.leave()
	h.mu.Lock()
	for t, joined := range m.choices.Load().byTopic {
		t.remove(joined)
		h.forget(t)
	}
	m.choices.Store(&choices{})
	delete(h.members, m)
	h.mu.Unlock()
	delete(j.members, h)
	j.changed.Store(true)
	wake(h.passed)
	wake(j.wake)
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

// end takes the session out of all hubs, and lets it join no other. The caller
// holds mu.
func (j *joining) end() {
	for _, m := range j.members {
		j.drop(m)
	}
	j.stage = stageOver
}

// hold keeps the stream of a session open whose function has returned, while it
// has joined a hub, and delivers what there is, on the goroutine that has served
// it. An error is one of the application's code.
func (s *Session) hold() error {
	if err := s.deliverAll(); s.ctx.Err() == nil {
		return err
	}
	return nil // the session has ended, and there is nothing to add
}

func (s *Session) deliverAll() error {
	returned := s.joinedWhenReturned()
	if len(returned) == 0 {
		return nil
	}
	if err := s.refuseMissed(returned); err != nil {
		return err
	}
	s.begin()
	j := s.settle()
	defer context.AfterFunc(s.ctx, s.wakeWaiting)() // cheaper than to wait for both
	var members []*member
	for s.ctx.Err() == nil {
		if j.changed.Swap(false) {
			members = s.joined(members[:0])
		}
		if len(members) == 0 {
			return nil
		}
		idle := true
		for _, m := range members {
			last := m.hub.isClosed() // nothing is published from here on
			more, err := m.deliver()
			if err != nil {
				return err
			}
			if last && !more {
				s.leaveHub(m.hub)
			}
			idle = idle && !more
		}
		if idle {
			<-j.wake
		}
	}
	return nil
}

// wakeWaiting wakes all that wait for something that does not come any more, since
// the session has ended: who delivers, and publishers, also if a write is stuck.
func (s *Session) wakeWaiting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := &s.rare.joining
	wake(j.wake)
	for h := range j.members {
		wake(h.passed)
	}
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
	return s.joined(nil)
}

// joined appends the members that the session is.
func (s *Session) joined(members []*member) []*member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return members
	}
	for _, m := range s.rare.joining.members {
		members = append(members, m)
	}
	return members
}

// settle says that the session's function has returned and that the head has
// left: from here on publishers wait for it.
func (s *Session) settle() *joining {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := &s.rare.joining
	j.stage = stageHeld
	for _, m := range j.members {
		m.settle()
	}
	return j
}

// cut ends a write that is stuck, if the session is held: then the response has
// been flushed, and its call goes on.
func (s *Session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare != nil && s.rare.joining.stage == stageHeld {
		s.call.Cut()
	}
}
