package sse

import (
	"cmp"
	"slices"
)

// deliver writes a run of encoded events.
func (s *Session) deliver(r *run) error {
	s.lockToDeliver()
	defer s.sendDueAndUnlock()
	if err := s.over("send event"); err != nil {
		return err
	}
	return s.push(r.text, r.events)
}

// send writes a run, and counts what has left.
func (m *member) send(r *run) error {
	if r.events == 0 {
		return nil
	}
	if err := m.to.deliver(r); err != nil {
		return err
	}
	m.hub.counts.delivered.Add(int64(r.events))
	return nil
}

// deliver sends a part of what there is for the member, one write, and reports
// whether there may be more: who has joined several hubs gets of each in turn.
func (m *member) deliver() (more bool, err error) {
	switch read, missed, done := m.comeback().state(); {
	case read != nil:
		return true, m.sendPage(read)
	case !done:
		m.ask()
		return false, nil
	case missed:
		if err := m.tellMissed(); err != nil {
			return false, err
		}
	}
	if err := m.mark(); err != nil {
		return false, err
	}
	from, pending := m.at.position()
	if !pending {
		return false, nil
	}
	h := m.hub
	out := m.newRun()
	defer h.putRun(out)
	end := h.log.next.Load()
	chosen := m.choices() // after end: what is joined later begins behind it
	next, gap := m.gather(out, chosen, from, end)
	// A member that is not waited for any longer leaves before the log does
	// without what it needs: then what was gathered may have a hole.
	if _, pending := m.at.position(); !pending {
		return false, nil
	}
	if err := m.send(out); err != nil {
		return false, err
	}
	if gap != nil {
		if err := m.pass(gap); err != nil {
			return false, err
		}
		next++
	}
	if !m.at.advance(next) {
		return false, nil
	}
	if watched := h.watch.Load(); from <= watched && watched < next {
		wake(h.passed)
	}
	if m.standing.Load() == standingReturning && m.comeback().isReached(next) {
		m.standing.Store(standingCurrent)
	}
	if next >= end && m.at.rest(h.log) {
		if m.choices() == chosen {
			m.forgetComeback(next)
			return false, nil
		}
		m.at.tell(next) // of a topic that was joined meanwhile, the newest event may be there
	}
	return true, nil
}

// mark tells a client that is new where it begins: an ID with nothing else, which
// reaches no listener. Else one that loses its connection before its first event
// would come back as a new one, and what was published meanwhile would be lost. A
// client that gets a newest event without an ID is not told, because it would not
// get that again.
func (m *member) mark() error {
	if m.marked {
		return nil
	}
	m.marked = true
	if m.comeback().isKnown() || m.choices().newest() {
		return nil
	}
	h := m.hub
	at, pending := m.at.position()
	if !pending || !h.config.Replay {
		return nil
	}
	h.mu.Lock()
	where := Position{h.epoch, h.base}
	if at >= h.log.next.Load() {
		where.Offset = h.last
	} else if before := h.log.at(at - 1); before != nil {
		where = before.position
	}
	h.mu.Unlock()
	return m.to.tellStart(where.String())
}

// gather puts a run together of the entries in front of end, and returns the
// first that it did not look at, or the gap that is there.
func (m *member) gather(out *run, chosen choices, from, end uint64) (next uint64, gap *entry) {
	h := m.hub
	comeback, newest := m.comeback(), m.newest(chosen, end)
	for next = from; next < end; next++ {
		e := h.log.at(next)
		if e == nil { // it was not for this member, else it would be there
			first := h.log.first.Load()
			if lost := h.gap.Load(); lost != nil && next <= lost.seq && lost.seq < first {
				next, gap = lost.seq, lost
				break
			}
			next = max(next, first-1)
			continue
		}
		if e.topic == nil {
			gap = e
			break
		}
		joined := chosen.of(e.topic)
		if joined == nil || joined.isNewest() || next < joined.since ||
			joined.isBehind(e) || !joined.isLate() && comeback.has(e) {
			continue
		}
		newest = addUpTo(out, newest, from, next)
		if !out.fits(e) { // before the filter is asked: it is asked once
			return next, nil
		}
		if joined.wants(e) {
			out.add(e, 0)
		}
	}
	addUpTo(out, newest, from, next)
	return next, gap
}

// A newestEvent is that of a topic of which no other is wanted.
type newestEvent struct {
	*entry

	joined *membership
}

// newest returns the newest events of the topics of which no other is wanted, in
// the order of the log, as far as the client has not got them.
func (m *member) newest(chosen choices, end uint64) []newestEvent {
	if !chosen.newest() {
		return nil
	}
	var found []newestEvent
	for joined := range chosen.all() {
		if !joined.isNewest() {
			continue
		}
		e := joined.topic.newest.Load()
		if e != nil && joined.since <= e.seq && e.seq < end && !m.comeback().had(e) {
			found = append(found, newestEvent{e, joined})
		}
	}
	slices.SortFunc(found, func(a, b newestEvent) int { return cmp.Compare(a.seq, b.seq) })
	return found
}

// addUpTo adds the events in front of an entry, and returns the rest. Those in front
// of from are older than what the client has got: their IDs would take it back to
// there, so they go without.
func addUpTo(out *run, newest []newestEvent, from, seq uint64) []newestEvent {
	for ; len(newest) > 0 && newest[0].seq < seq; newest = newest[1:] {
		e := newest[0]
		if e.joined.since = e.seq + 1; !e.joined.wants(e.entry) {
			continue
		}
		if e.seq < from {
			out.add(e.entry, e.id)
		} else {
			out.add(e.entry, 0)
		}
	}
	return newest
}

// pass goes beyond a gap: the client is told of it, and what it has of the old log
// says nothing about the new one.
func (m *member) pass(gap *entry) error {
	c := &m.troubled().comeback
	c.mu.Lock()
	if c.after.Epoch != gap.position.Epoch {
		c.after = Position{}
	}
	c.missed = m.topics(func(*membership) bool { return true })
	c.mu.Unlock()
	return m.tellMissed()
}
