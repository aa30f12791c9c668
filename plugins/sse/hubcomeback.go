package sse

import (
	"slices"
	"sync"
)

// A comeback is how a client that was there before gets what it has missed: out
// of the hub's log, if that goes back so far, and before that out of the
// broker's, in pages. A page is asked for on a goroutine of its own: a broker that
// is slow or away holds up nothing that the session gets from other hubs.
//
// Nil is that of a client which has never missed anything.
type comeback struct {
	mu     sync.Mutex // guards what follows; the hub's comes before it
	from   Position   // what the client came back with, if this hub knows it; zero if not
	after  Position   // the client has what comes before, and this; zero if nothing is known
	past   string     // an epoch that is older than that of after; empty if none is known
	behind bool       // what comes next is not in the hub's log
	missed []string   // topics of which events are lost, and the client is to be told
	asking *asking    // for the next page; nil if nobody does
	page   *page      // out of the broker's log, until it is sent; nil if none is at hand
	target uint64     // the entry with which the client has caught up
}

// state returns what there is to do for it, and whether that is all: then what
// follows is in the hub's log.
func (c *comeback) state() (read *page, missed, done bool) {
	if c == nil {
		return nil, false, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.page, len(c.missed) > 0, !c.behind
}

// drop gives up a page, so that another one is asked for.
func (c *comeback) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.page = nil
}

// leave gives up what the client has missed: the member has left its hub.
func (c *comeback) leave() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behind, c.page, c.missed = false, nil, nil
	if c.asking != nil {
		c.asking.end()
	}
}

// has reports whether the client has an entry already, or has been given what it
// wants of what lies before.
func (c *comeback) has(e *entry) bool {
	return c != nil && (e.isBehind(c.after) || c.past != "" && e.position.Epoch == c.past)
}

// had reports whether the client had an entry when it came back.
func (c *comeback) had(e *entry) bool { return c != nil && e.isBehind(c.from) }

// isKnown reports whether the client has come to a position of this log.
func (c *comeback) isKnown() bool {
	return c != nil && (c.from != (Position{}) || c.after != (Position{}))
}

// isReached reports whether the client has caught up where it looks at an entry next.
func (c *comeback) isReached(next uint64) bool { return c == nil || next >= c.target }

// isDone reports whether there is nothing left to do for it.
func (c *comeback) isDone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.behind && c.past == "" && len(c.missed) == 0 && c.asking == nil && c.page == nil
}

// takeMissed returns the topics of which events are lost, if the client is yet to be
// told: whoever takes them tells it.
func (c *comeback) takeMissed() []string {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	missed := c.missed
	c.missed = nil
	return missed
}

// beyond returns where the client is, if that lies beyond where the hub is: it may
// have been given what this node has not received, of its log or of the next one. Else
// it returns that.
func (c *comeback) beyond(hub Position) Position {
	if c == nil {
		return hub
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch isAhead := c.after.Epoch == hub.Epoch && c.after.Offset > hub.Offset; {
	case c.behind:
		return hub // until pages are read nobody knows
	case isAhead, c.past == hub.Epoch:
		return c.after
	default:
		return hub
	}
}

// enter fixes where a member begins that joins topics before it delivers. The
// caller holds the mu of the joining and of the hub.
func (m *member) enter(made []*membership, first bool) {
	start := m.hub.log.next.Load()
	if id := m.to.resumesFrom(); m.hub.config.Replay && id != "" {
		var behind bool
		if start, behind = m.resume(id, made); behind {
			return
		}
	}
	if at, pending := m.at.position(); pending && !first {
		start = min(start, at)
	}
	m.at.enter(start)
}

// resume returns where a client that comes back with an ID begins in the hub's log,
// and whether it has to catch up first. The caller holds the mu of the joining and of
// the hub.
func (m *member) resume(id string, made []*membership) (start uint64, behind bool) {
	h, c := m.hub, &m.troubled().comeback
	c.mu.Lock()
	defer c.mu.Unlock()
	next := h.log.next.Load()
	nothing, anything := func(string) bool { return false }, func(string) bool { return true }
	start, lost, lostNewest := next, anything, anything
	after, err := ParsePosition(id)
	here := err == nil && after.Epoch == h.epoch && after.Offset <= h.last
	if here || err == nil && h.config.Broker != nil && after.Epoch == h.epoch {
		lostNewest = func(topic string) bool { return h.losses.since(topic, after.Offset) }
	}
	switch {
	case here && !c.behind && (after.Offset >= h.base || h.config.Broker == nil):
		m.cameBack = true
		c.from, c.after = after, after
		start, lost = h.log.after(after.Offset, h.since), lostNewest
	case err == nil && h.config.Broker != nil:
		c.after, c.behind, c.page = after, true, nil
		if here {
			m.cameBack = true
			c.from = after
		}
		start, lost = 0, nothing
	}
	for _, each := range made {
		switch {
		case each.isNewest():
			// A topic that nobody had joined is forgotten with its last event.
			if each.topic.newest.Load() == nil && lostNewest(each.topic.name) {
				c.missed = append(c.missed, each.topic.name)
			}
		case lost(each.topic.name):
			c.missed = append(c.missed, each.topic.name)
			each.since = next
		default:
			each.since = start
		}
	}
	return start, c.behind
}

// settle lets publishers wait for the member, unless its client has to catch up
// first. The caller holds the mu of the joining.
func (m *member) settle() {
	c := m.comeback()
	if c == nil {
		m.standing.Store(standingCurrent)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.target = m.hub.log.next.Load()
	standing := standingCurrent
	if c.after != (Position{}) {
		standing = standingReturning
	}
	m.standing.Store(standing)
}

// forgetComeback gives up what is known of a client that has come back, as soon as all
// that comes is newer than what it has. What newest events it had may be asked for as
// long as it wants them. Only who delivers, and has looked at all in front of next,
// calls this.
func (m *member) forgetComeback(next uint64) {
	h, c := m.hub, m.comeback()
	if c == nil || !c.isDone() || m.choices().newest() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	hasCome := c.after == (Position{}) || c.after.Epoch == h.epoch && c.after.Offset <= h.last
	if hasCome && h.log.next.Load() == next && !m.choices().newest() {
		m.trouble.Store(nil)
	}
}

// recallComeback undoes forgetComeback, as far as newest events ask for it. The caller
// holds the hub's mu.
func (m *member) recallComeback() {
	if !m.cameBack {
		return
	}
	c := &m.troubled().comeback
	c.mu.Lock()
	defer c.mu.Unlock()
	if from, err := ParsePosition(m.to.resumesFrom()); err == nil && c.from == (Position{}) {
		c.from = from
	}
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
	m := s.joined().memberOf(h)
	if m == nil {
		return nil
	}
	if answered := m.ask(); answered != nil {
		select {
		case <-answered:
		case <-s.ctx.Done():
		}
	}
	return m.comeback().takeMissed()
}

// enterAt enters the hub's log at an entry, or before it where a topic that was
// joined meanwhile begins. What such a topic has lost since is missed. The caller
// holds the mu of the hub and that of the comeback.
func (m *member) enterAt(start uint64) {
	h, c := m.hub, m.comeback()
	first, next := h.log.first.Load(), h.log.next.Load()
	for joined := range m.choices().all() {
		if !joined.isLate() || joined.isNewest() || joined.since >= start {
			continue
		}
		if joined.since < first && (joined.terms.reached.Epoch != h.epoch || h.losses.since(joined.topic.name, joined.terms.reached.Offset)) {
			c.missed = append(c.missed, joined.topic.name)
			joined.since = next
			continue
		}
		start = max(joined.since, first)
	}
	for joined := range m.choices().all() {
		t := joined.topic
		t.unneeded = min(t.unneeded, start)
	}
	m.at.enter(start)
}

// wanted returns the names of the topics of which pages are to have what was
// published: those of which the client wants what it has missed, and those that were
// joined meanwhile, which would else come behind what is newer.
func (m *member) wanted() []string {
	return m.topics(func(joined *membership) bool { return !joined.isNewest() })
}

// resumed returns the names of the topics of which the client wants what it has
// missed: those that were joined before it delivered.
func (m *member) resumed() []string {
	return m.topics(func(joined *membership) bool { return !joined.isLate() && !joined.isNewest() })
}

// topics returns the names of some topics that the member has joined.
func (m *member) topics(some func(*membership) bool) []string {
	var names []string
	for joined := range m.choices().all() {
		if some(joined) {
			names = append(names, joined.topic.name)
		}
	}
	slices.Sort(names)
	return names
}

// beginPage returns the topics of a page that begins behind a position. Those that
// were joined where the node is in another log than its broker begin there too: what
// the client came back with was published before.
func (m *member) beginPage(after Position) map[string]*membership {
	m.hub.mu.Lock()
	defer m.hub.mu.Unlock()
	names := make(map[string]*membership)
	for joined := range m.choices().all() {
		names[joined.topic.name] = joined
		if joined.isLate() && joined.terms.reached.Epoch != after.Epoch {
			joined.terms.reached = after
		}
	}
	return names
}

// reach says that the client has come to a position. So has a topic that was joined
// while a page was sent: what the broker had by then was published before the Join, and
// would come behind what is newer. The caller holds the hub's mu.
func (m *member) reach(after Position) {
	for joined := range m.choices().all() {
		if joined.isLate() && joined.terms.reached.Epoch == after.Epoch {
			joined.terms.reached.Offset = max(joined.terms.reached.Offset, after.Offset)
		}
	}
}

// goOn enters the hub's log where it ends, which need not be as far as the client is.
// If that is in a newer log, what still comes of the hub's is from before. The caller
// holds the mu of the hub and that of the comeback.
func (m *member) goOn() {
	h, c := m.hub, m.comeback()
	after := c.after
	if after != (Position{}) && after.Epoch != h.epoch {
		c.past = h.epoch
		for joined := range m.choices().all() {
			if joined.isLate() && joined.terms.reached.Epoch == h.epoch {
				joined.terms.reached = after
			}
		}
	}
	m.enterAt(h.log.next.Load())
}

// sendPage delivers the page that is at hand, and enters the hub's log if that goes
// on behind it.
func (m *member) sendPage(read *page) error {
	h := m.hub
	if !slices.Equal(read.topics, m.wanted()) { // it was read before they were joined
		m.comeback().drop()
		return nil
	}
	out := m.newRun()
	defer h.putRun(out)
	c := m.comeback()
	after := c.after
	names := m.beginPage(after)
	for _, message := range read.messages {
		e := h.newEntry(message)
		after = message.Position
		joined := names[message.Topic]
		if joined == nil || joined.isNewest() || joined.isBehind(e) || !joined.wants(e) {
			continue
		}
		if !out.fits(e) {
			if err := m.send(out); err != nil {
				return err
			}
			out.reset()
		}
		out.add(e, 0)
	}
	if err := m.send(out); err != nil {
		return err
	}
	if read.whole && read.end.Epoch == after.Epoch {
		after.Offset = max(after.Offset, read.end.Offset)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after, c.page = after, nil
	m.reach(after)
	known := after.Epoch == h.epoch && after.Offset <= h.last
	switch {
	case known && after.Offset >= h.base:
		m.enterAt(h.log.after(after.Offset, h.since))
	case !known && read.whole && read.end.Epoch == h.epoch:
		// This node is not as far as that which the client comes from. One that has
		// gone on to a new log meanwhile would have its word of that behind it.
		m.goOn()
	default:
		return nil
	}
	c.behind = false
	c.target = h.log.next.Load()
	return nil
}
