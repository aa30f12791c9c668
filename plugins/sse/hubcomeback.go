package sse

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
)

const (
	// pageLength is how many messages are read at once out of a broker's log for
	// a client that comes back.
	pageLength = 256
	// retryRange is how long a client that comes back waits for a broker that is
	// away, until the next try.
	retryRange = time.Second
)

// A comeback is how a client that was there before gets what it has missed: out
// of the hub's log, if that goes back so far, and before that out of the
// broker's, in pages.
type comeback struct {
	reading sync.Mutex // held by who asks the broker, with no other lock held

	mu     sync.Mutex // guards what follows; the hub's comes before it
	from   Position   // what the client came back with, if this hub knows it; zero if not
	after  Position   // the client has what comes before, and this; zero if nothing is known
	behind bool       // what comes next is not in the hub's log
	missed []string   // topics of which events are lost, and the client is to be told
	begun  bool       // the function has returned: nobody else reads pages
	page   *page      // out of the broker's log, to be sent; nil if none is at hand
	target uint64     // the entry with which the client has caught up
}

// A page is a part of a broker's log.
type page struct {
	messages []Message
	whole    bool     // there was no more
	end      Position // where the hub stood before it was read
}

// isUnderWay reports whether there is something to do for it.
func (c *comeback) isUnderWay() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.behind || len(c.missed) > 0
}

// has reports whether the client has an entry already, or has been given what it
// wants of what lies before.
func (c *comeback) has(e *entry) bool { return e.isBehind(c.after) }

// had reports whether the client had an entry when it came back.
func (c *comeback) had(e *entry) bool { return e.isBehind(c.from) }

// enter fixes where a member begins that joins topics while its function runs. The
// caller holds the mu of the session and of the hub.
func (m *member) enter(made []*membership, first bool) {
	h, c := m.hub, &m.comeback
	c.mu.Lock()
	defer c.mu.Unlock()
	next := h.log.next.Load()
	start, lost := next, func(string) bool { return false }
	if id := m.session.lastEventID; h.config.Replay && id != "" {
		after, err := ParsePosition(id)
		here := err == nil && after.Epoch == h.epoch && after.Offset <= h.last
		switch {
		case here && !c.behind && (after.Offset >= h.base || h.config.Broker == nil):
			c.from, c.after = after, after
			start = h.log.after(after.Offset, h.since)
			lost = func(topic string) bool { return h.losses.since(topic, after.Offset) }
		case err == nil && h.config.Broker != nil:
			c.after, c.behind, c.page = after, true, nil
			if here {
				c.from = after
			}
			start = 0
		default:
			lost = func(string) bool { return true }
		}
	}
	for _, each := range made {
		switch {
		case each.how.newest:
			each.since = 0
		case lost(each.topic.name):
			c.missed = append(c.missed, each.topic.name)
			each.since = next
		default:
			each.since = start
		}
	}
	if c.behind {
		return
	}
	if at, pending := m.at.position(); pending && !first {
		start = min(start, at)
	}
	m.at.enter(start)
}

// settle lets publishers wait for the member, unless its client has to catch up
// first. The caller holds the session's mu.
func (m *member) settle() {
	c := &m.comeback
	c.mu.Lock()
	defer c.mu.Unlock()
	c.target = m.hub.log.next.Load()
	standing := standingCurrent
	if c.after != (Position{}) {
		standing = standingReturning
	}
	m.standing.Store(standing)
}

// Missed returns the topics that the session has joined and of which events are
// lost that the client has not had: they have left the log, or its Last-Event-ID
// is not of this log. Of those topics the client gets what is published from now
// on; of the others it gets everything. Nil says that nothing is lost.
//
// It is for the function of a stream, which can send the state of things in the
// place of the events. So a function that has asked tells the client itself; if
// none asks, the hub does, by [HubConfig.Missed]. With a Broker it may have to
// read its log: if that fails, it returns nil, and the hub tells the client later.
func (h *Hub) Missed(s *Session) []string {
	s.mu.Lock()
	m := s.memberOf(h)
	s.mu.Unlock()
	if m == nil {
		return nil
	}
	c := &m.comeback
	if m.read(s.ctx, false) != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	missed := c.missed
	c.missed = nil
	return missed
}

// errMissed tells a client that has missed something, and is told no other way, not
// to come back.
var errMissed = app.NewError(http.StatusNoContent, "the client has missed events")

// hasMissed reports whether the client of a session is to be told that events are
// lost.
func (h *Hub) hasMissed(s *Session) bool {
	s.mu.Lock()
	m := s.memberOf(h)
	s.mu.Unlock()
	if m == nil {
		return false
	}
	m.comeback.mu.Lock()
	defer m.comeback.mu.Unlock()
	return len(m.comeback.missed) > 0
}

// comeBack decides what the client gets, before the head has left.
func (m *member) comeBack() error {
	c, s := &m.comeback, m.session
	_ = m.read(s.ctx, true) // tried again by who delivers
	c.mu.Lock()
	refused := len(c.missed) > 0 && m.hub.config.Missed == nil
	c.mu.Unlock()
	switch {
	case !refused:
		return nil
	case s.hasBegun():
		return m.sendBack()
	default:
		return errMissed
	}
}

// sendBack ends a session whose client has missed something and cannot be told:
// it has to come back for that.
func (m *member) sendBack() error {
	m.session.cancel(ErrLagged)
	return m.session.over("deliver events")
}

// read reads a page of what follows out of the broker's log, unless nothing is
// wanted of it or a page is at hand. Who delivers reads with begun set, and nobody
// else does any more. If there is a gap, the member goes on from now.
func (m *member) read(ctx context.Context, begun bool) error {
	c := &m.comeback
	c.reading.Lock()
	defer c.reading.Unlock()
	for {
		c.mu.Lock()
		c.begun = c.begun || begun
		after, idle := c.after, !c.behind || c.page != nil || c.begun && !begun
		c.mu.Unlock()
		if idle {
			return nil
		}
		topics := m.resumed()
		read, err := m.readPage(ctx, after, topics)
		if err != nil && !errors.Is(err, ErrGap) {
			return err
		}
		if m.turn(read, topics) {
			return nil
		}
	}
}

// readPage reads a page behind a position.
func (m *member) readPage(ctx context.Context, after Position, topics []string) (*page, error) {
	h := m.hub
	h.mu.Lock()
	read := &page{whole: true, end: Position{h.epoch, h.last}}
	h.mu.Unlock()
	if len(topics) == 0 {
		return read, nil
	}
	messages, err := h.ranges.read(ctx, h.config.Broker, after, topics)
	if err != nil {
		return nil, err
	}
	read.messages, read.whole = messages, len(messages) < pageLength
	return read, nil
}

// turn takes a page that was read of topics, nil for a gap, and reports whether
// those are still the ones that are wanted.
func (m *member) turn(read *page, topics []string) bool {
	h, c := m.hub, &m.comeback
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(topics, m.resumed()) {
		return false
	}
	if read != nil {
		c.page = read
		return true
	}
	c.after, c.behind, c.missed = Position{}, false, topics
	m.enterAt(h.log.next.Load())
	return true
}

// enterAt enters the hub's log at an entry, or before it where a topic that was
// joined meanwhile begins. What such a topic has lost since is missed. The caller
// holds the mu of the hub and that of the comeback.
func (m *member) enterAt(start uint64) {
	h, c := m.hub, &m.comeback
	first, next := h.log.first.Load(), h.log.next.Load()
	for t, joined := range m.choices.Load().byTopic {
		if !joined.isLate() || joined.how.newest || joined.since >= start {
			continue
		}
		if joined.since < first && (joined.joinedAt.Epoch != h.epoch || h.losses.since(t.name, joined.joinedAt.Offset)) {
			c.missed = append(c.missed, t.name)
			joined.since = next
			continue
		}
		start = max(joined.since, first)
	}
	for t := range m.choices.Load().byTopic {
		t.unneeded = min(t.unneeded, start)
	}
	m.at.enter(start)
}

// resumed returns the names of the topics of which the client wants what it has
// missed: those that were joined while the session's function ran.
func (m *member) resumed() []string {
	return m.topics(func(joined *membership) bool { return !joined.isLate() && !joined.how.newest })
}

// topics returns the names of some topics that the member has joined.
func (m *member) topics(some func(*membership) bool) []string {
	var names []string
	for t, joined := range m.choices.Load().byTopic {
		if some(joined) {
			names = append(names, t.name)
		}
	}
	slices.Sort(names)
	return names
}

// catchUp delivers pages of the broker's log until what follows is in the hub's.
// It waits for a broker that is away.
func (m *member) catchUp() error {
	c := &m.comeback
	for {
		err := m.read(m.session.ctx, true)
		c.mu.Lock()
		behind, read := c.behind, c.page
		c.page = nil
		c.mu.Unlock()
		switch {
		case !behind:
			return nil
		case err != nil:
			m.hub.application.Logger().WarnContext(m.session.ctx, "a client that comes back waits for the hub's broker", "error", err)
			if err := m.session.Delay(retryRange); err != nil {
				return err
			}
		case read != nil:
			if err := m.sendPage(read); err != nil {
				return err
			}
		}
	}
}

// sendPage delivers a page, and enters the hub's log if that goes on behind it.
func (m *member) sendPage(read *page) error {
	h := m.hub
	out := h.newRun()
	defer h.putRun(out)
	names := make(map[string]*membership)
	for t, joined := range m.choices.Load().byTopic {
		names[t.name] = joined
	}
	after := m.comeback.after
	for _, message := range read.messages {
		e := h.newEntry(message)
		after = message.Position
		joined := names[message.Topic]
		if joined == nil || joined.isLate() || joined.how.newest || !joined.wants(e) {
			continue
		}
		if !out.fits(e) {
			if err := m.session.deliver(out); err != nil {
				return err
			}
			out.reset()
		}
		out.add(e.frame)
	}
	if err := m.session.deliver(out); err != nil {
		return err
	}
	if read.whole && read.end.Epoch == after.Epoch {
		after.Offset = max(after.Offset, read.end.Offset)
	}
	c := &m.comeback
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after = after
	known := after.Epoch == h.epoch && after.Offset <= h.last
	switch {
	case known && after.Offset >= h.base:
		m.enterAt(h.log.after(after.Offset, h.since))
	case !known && read.whole && read.end.Epoch == h.epoch:
		// This node is not as far as that which the client comes from. One that has
		// gone on to a new log meanwhile would have its word of that behind it.
		m.enterAt(h.log.next.Load())
	default:
		return nil
	}
	c.behind = false
	c.target = h.log.next.Load()
	return nil
}
