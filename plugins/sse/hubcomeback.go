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
	mu     sync.Mutex
	after  Position // the client has what comes before, and this; zero if nothing is known
	behind bool     // what comes next is not in the hub's log
	missed []string // topics of which events are lost, and the client is to be told
	begun  bool     // the function has returned: nobody else reads pages
	page   *page    // out of the broker's log, to be sent; nil if none is at hand
	target uint64   // the entry with which the client has caught up
}

// A page is a part of a broker's log.
type page struct {
	messages []Message
	whole    bool     // there was no more
	end      Position // where the hub stood before it was read
}

// has reports whether the client has an entry already.
func (c *comeback) has(e *entry) bool { return e.isBehind(c.after) }

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
		case here && (after.Offset >= h.base || h.config.Broker == nil):
			c.after = after
			start = h.log.after(after.Offset, h.since)
			lost = func(topic string) bool { return h.losses.since(topic, after.Offset) }
		case err == nil && h.config.Broker != nil:
			c.after, c.behind = after, true
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
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.behind && !c.begun && m.read(s.ctx) != nil {
		return nil
	}
	missed := c.missed
	c.missed = nil
	return missed
}

// comeBack decides what the client gets, before the head has left.
func (m *member) comeBack() error {
	c := &m.comeback
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = true
	if c.behind {
		_ = m.read(m.session.ctx) // tried again by who delivers
	}
	if len(c.missed) > 0 && m.hub.config.Missed == nil {
		return app.NewError(http.StatusNoContent, "events were missed")
	}
	return nil
}

// read reads a page of what follows out of the broker's log, unless one is at
// hand. If there is a gap, the member goes on from now. The caller holds mu.
func (m *member) read(ctx context.Context) error {
	h, c := m.hub, &m.comeback
	if c.page != nil {
		return nil
	}
	topics := m.everyEventOf()
	read := &page{whole: true}
	h.mu.Lock()
	read.end = Position{h.epoch, h.last}
	h.mu.Unlock()
	if len(topics) > 0 {
		messages, err := h.ranges.read(ctx, h.config.Broker, c.after, topics)
		if errors.Is(err, ErrGap) {
			h.mu.Lock()
			defer h.mu.Unlock()
			c.after, c.behind, c.missed = Position{}, false, topics
			m.at.enter(h.log.next.Load())
			return nil
		}
		if err != nil {
			return err
		}
		read.messages, read.whole = messages, len(messages) < pageLength
	}
	c.page = read
	return nil
}

// everyEventOf returns the names of the topics of which every event is wanted.
func (m *member) everyEventOf() []string {
	var names []string
	for t, joined := range m.choices.Load().byTopic {
		if !joined.how.newest {
			names = append(names, t.name)
		}
	}
	slices.Sort(names)
	return names
}

// enterLog makes the member go on from an entry of the hub's log. The caller holds
// the hub's mu.
func (m *member) enterLog(seq uint64) {
	for t := range m.choices.Load().byTopic {
		t.unneeded = min(t.unneeded, seq)
	}
	m.at.enter(seq)
}

// catchUp delivers pages of the broker's log until what follows is in the hub's.
// It waits for a broker that is away.
func (m *member) catchUp() error {
	c := &m.comeback
	for {
		c.mu.Lock()
		if !c.behind {
			c.mu.Unlock()
			return nil
		}
		err := m.read(m.session.ctx)
		read := c.page
		c.page = nil
		c.mu.Unlock()
		switch {
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
		if joined == nil || joined.how.newest || e.isBehind(joined.joinedAt) || !joined.wants(e) {
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
	c.mu.Lock()
	defer c.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	c.after = after
	known := after.Epoch == h.epoch && after.Offset <= h.last
	switch {
	case known && after.Offset >= h.base:
		m.enterLog(h.log.after(after.Offset, h.since))
	case !known && read.whole: // this node is not as far as that which the client comes from
		m.enterLog(h.log.next.Load())
	default:
		return nil
	}
	c.behind = false
	c.target = h.log.next.Load()
	return nil
}
