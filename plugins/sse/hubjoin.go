package sse

import (
	"errors"
	"fmt"
	"slices"
)

// Join gives a subscriber the events of topics, and does not block. For an event
// stream delivery begins when the function that serves the stream has returned nil,
// and the stream stays open then until the session ends or has left its last topic.
// A function ends with it:
//
//	return hub.Join(s, "news")
//
// So what the function sends itself, a snapshot for instance, comes first, and
// nothing is lost between: a function that joins and then takes a snapshot misses
// no event. One that joins and goes on working gets nothing meanwhile, and its
// session ends with [ErrLagged] when the log has lost what it is to get; work that
// goes on belongs in [Session.Go]. What is deferred in the function runs when it
// returns, not at the end of the stream: that is for [Session.OnEnd]. An error of
// the function, a panic and [Session.Close] end the stream, joined or not.
//
// To any other [Subscriber], such as a WebSocket session, delivery begins at once,
// and ends with the context of the subscriber.
//
// A client that comes back gets what it has missed, by [Session.LastEventID]: see
// [Hub.Missed]. Without an ID, and for topics that are joined when delivery has
// begun, it begins with what is published from now on. So a subscriber that is no
// event stream names all topics in which it resumes at its first Join of the hub.
//
// Join fails, and changes nothing, if the subscriber is over, belongs to another
// application, or has joined one of the topics or another hub with
// [HubConfig.Replay], if the hub is closed, and without topics. It fails with 204
// for a client that is known to have missed something, if [HubConfig.Missed] is nil
// and nothing has been sent. When the function of a stream has returned, only a
// session that has joined a topic can join another. A subscriber that is no event
// stream must be a pointer, or another value that can be compared.
func (h *Hub) Join(s Subscriber, topics ...string) error {
	return Selection{hub: h}.Join(s, topics...)
}

// A Selection is a part of a hub's events: those that a filter keeps, or the
// newest one of each topic. It is made by [Hub.Where] and [Hub.Newest], and is a
// value that can be kept. The zero Selection is of no hub.
type Selection struct {
	hub *Hub
	how selecting
	err error
}

// Where returns the events that a filter keeps. It is called once for each event
// and session, on a goroutine of the session, with the event as clients read it;
// it must be pure and quick. If it is nil, joining fails.
func (h *Hub) Where(keep func(topic string, event Event) bool) Selection {
	return Selection{hub: h}.Where(keep)
}

// Newest returns the newest event of each topic alone: a session that is slow gets
// the state of things and not what it was in between, as a dashboard wants it. It
// never holds up a publisher, misses nothing but what a broker loses, and gets the
// newest event of a topic when it joins, if the hub has one. That of a topic which
// nobody had joined leaves with the log: a client that comes back and has not got it
// is told, see [Hub.Missed].
func (h *Hub) Newest() Selection { return Selection{hub: h}.Newest() }

// Where is [Hub.Where] for what is selected already. An event has to be kept by
// all filters.
func (c Selection) Where(keep func(topic string, event Event) bool) Selection {
	if keep == nil {
		c.err = errors.New("the filter is nil")
		return c
	}
	if outer := c.how.keep; outer != nil {
		inner := keep
		keep = func(topic string, event Event) bool { return outer(topic, event) && inner(topic, event) }
	}
	c.how.keep = keep
	return c
}

// Newest is [Hub.Newest] for what is selected already. A filter that does not keep
// the newest event is not asked for the one before it.
func (c Selection) Newest() Selection {
	c.how.newest = true
	return c
}

// Join is [Hub.Join] for what is selected.
func (c Selection) Join(s Subscriber, topics ...string) error {
	if err := c.join(s, topics); err != nil {
		return fmt.Errorf("join a hub: %w", err)
	}
	return nil
}

func (c Selection) join(s Subscriber, topics []string) error {
	switch {
	case c.err != nil:
		return c.err
	case c.hub == nil:
		return errors.New("the selection is of no hub")
	case len(topics) == 0:
		return errors.New("no topic is named")
	case slices.Contains(topics, ""):
		return errors.New("a topic is empty")
	}
	if session, isStream := s.(*Session); isStream {
		return c.joinStream(session, topics)
	}
	return c.hub.outsiders.join(c, s, topics)
}

var errOtherApplication = errors.New("the hub belongs to another application")

func (c Selection) joinStream(s *Session, topics []string) error {
	if s.shared.application != c.hub.application {
		return errOtherApplication
	}
	if err := c.enter(s, topics); err != nil {
		return err
	}
	if c.hub.config.Missed == nil && c.hub.hasMissed(s) && !s.hasBegun() {
		s.joined().leave(c.hub, nil)
		return errMissed
	}
	return nil
}

// enter makes a session a member of topics.
func (c Selection) enter(s *Session, topics []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.over("join"); err != nil {
		return errors.Unwrap(err)
	}
	joined, err := s.joinable()
	if err != nil {
		return err
	}
	return c.admit(s, joined, topics)
}

// admit makes a subscriber a member of topics. The caller holds the mu of the
// joining.
func (c Selection) admit(to recipient, joined *joining, topics []string) error {
	h := c.hub
	if joined.hasOtherThan(h) {
		return errors.New("the session has joined another hub with Replay: a client has one last event ID, use topics of one hub")
	}
	m := joined.in(h)
	known := m != nil
	if !known {
		m = &member{hub: h, to: to, bell: &joined.bell}
		m.several.Store(&several{})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed() {
		return errHubClosed
	}
	isLate := joined.stage != stageServing && (known || joined.stage != stageBeside)
	on := terms{selecting: c.how}
	if isLate {
		on.reached = m.comeback().beyond(Position{h.epoch, h.last})
		if on.newest {
			m.recallComeback()
		}
	}
	all, made, err := m.choose(topics, on)
	if err != nil {
		return err
	}
	if !isLate {
		m.enter(made, !known)
	}
	for _, each := range made {
		each.topic.add(each)
	}
	m.several.Store(all) // when all of it is as it stays: who delivers reads it
	if !known {
		joined.add(m)
		h.joined++
	}
	if joined.stage == stageServing {
		return nil
	}
	switch {
	case known:
		m.at.tell(h.log.next.Load())
	case !isLate:
		m.settle()
	default:
		m.at.enter(h.log.next.Load())
		if joined.stage >= stageMoving { // it delivers
			m.standing.Store(standingCurrent)
		}
	}
	m.bell.ring() // the newest event may be there
	return nil
}

// choose returns the memberships of the member with those of further topics, nil if the
// first one is the only one, and the further ones. The caller holds the mu of the
// joining and of the hub.
func (m *member) choose(topics []string, on terms) (all *several, made []*membership, err error) {
	h := m.hub
	var shared *terms
	if on.keep != nil || on.newest || on.reached != (Position{}) {
		shared = &on
	}
	all = m.choices().and(len(topics))
	before := len(all.all)
	for _, name := range topics {
		t := h.topicOf(name)
		if all.of(t) != nil {
			h.forget(t)
			for _, undone := range all.all[before:] {
				h.forget(undone.topic)
			}
			return nil, nil, fmt.Errorf("the session has joined %.100q already", name)
		}
		each := &membership{}
		if m.first.topic == nil {
			each = &m.first
		}
		*each = membership{member: m, topic: t, since: h.log.next.Load(), terms: shared}
		if on.newest {
			each.since = 0
		}
		all.add(each)
	}
	if made = all.all[before:]; len(all.all) == 1 && made[0] == &m.first {
		return nil, made, nil
	}
	return all, made, nil
}

// Leave takes a subscriber out of topics, whether it has joined them or not;
// without topics, out of the hub. An event that is being sent is finished. The
// stream of a session that has left its last topic, in all hubs, ends cleanly when
// its function has returned. Any other [Subscriber] goes on without events.
func (h *Hub) Leave(s Subscriber, topics ...string) {
	if session, isStream := s.(*Session); isStream {
		session.joined().leave(h, topics)
		return
	}
	h.outsiders.joined(s).leave(h, topics)
}

// leave takes the member out of topics, and reports whether there is none left. The
// caller holds the mu of the joining.
func (m *member) leave(topics []string) (last bool) {
	h := m.hub
	h.mu.Lock()
	left := make(map[*topic]bool, len(topics))
	for _, name := range topics {
		if t := h.topics[name]; t != nil {
			left[t] = true
		}
	}
	chosen := m.choices()
	for t := range left {
		if joined := chosen.of(t); joined != nil {
			t.remove(joined)
			h.forget(t)
		}
	}
	all := chosen.without(left)
	m.several.Store(all)
	h.mu.Unlock()
	wake(h.passed) // a publisher may wait for what is not needed any more
	return len(all.all) == 0
}
