package sse

import (
	"slices"
	"sync/atomic"
)

// A topic of a hub exists while it has members, or events in the log. What is
// not atomic is guarded by the hub's mu.
type topic struct {
	name    string
	newest  atomic.Pointer[entry] // kept also when it has left the log
	kept    int                   // entries in the log
	members []*membership
	// No member needs an entry before this one. It is a bound: whoever lets
	// entries go finds a better one when he comes to it.
	unneeded uint64
}

// A membership is what a member gets of one topic.
type membership struct {
	member *member
	topic  *topic
	place  int // in the topic's members; guarded by the hub's mu
	// The first entry that is for it. The deliverer changes it, with the hub's mu; if
	// the newest event alone is wanted, nobody else reads it, and the mu is not held.
	since uint64
	terms *terms // nil if it has all events, as they come, and is not late
}

// Terms are those on which topics were joined, all that one Join has named.
type terms struct {
	selecting

	// If that was when delivery had begun, for a stream when its function had
	// returned: where the hub stood, and from then on what pages have come to. It is
	// changed as since is.
	reached Position
}

// selecting is how a member chooses among the events of its topics.
type selecting struct {
	keep   func(topic string, event Event) bool // nil keeps all
	newest bool
}

// isNewest reports whether the newest event alone is wanted.
func (m *membership) isNewest() bool { return m.terms != nil && m.terms.newest }

// isLate reports whether it was joined when delivery had begun.
func (m *membership) isLate() bool { return m.terms != nil && m.terms.reached != (Position{}) }

// isBehind reports whether an entry is not for it, since it is late.
func (m *membership) isBehind(e *entry) bool { return m.isLate() && e.isBehind(m.terms.reached) }

// wants asks the filter, which is the application's code.
func (m *membership) wants(e *entry) bool {
	return m.terms == nil || m.terms.keep == nil || m.terms.keep(m.topic.name, e.decode().event)
}

// needed returns the first entry that is to be delivered still, and whether there
// may be one that somebody has to wait for. The caller holds the hub's mu.
func (m *membership) needed() (from uint64, some bool) {
	at, pending := m.member.at.position()
	if !pending || m.isNewest() || m.member.to.isOver() {
		return 0, false
	}
	return max(at, m.since), true
}

func (m *membership) needs(e *entry) bool {
	from, some := m.needed()
	return some && from <= e.seq
}

func (t *topic) add(m *membership) {
	m.place = len(t.members)
	t.members = append(t.members, m)
	if !m.isNewest() {
		t.unneeded = min(t.unneeded, m.since)
	}
}

func (t *topic) remove(m *membership) {
	last := t.members[len(t.members)-1]
	t.members[m.place], last.place = last, m.place
	t.members = slices.Delete(t.members, len(t.members)-1, len(t.members))
}

func (t *topic) unused() bool { return t.kept == 0 && len(t.members) == 0 }

// For how many topics a hub knows what they have lost, and how many bytes their
// names may have.
const (
	lostLimit = 10_000
	lostBytes = 1 << 20
)

// losses says what of each topic has left the log: the offset of its newest
// event that has. It knows of a limited number of topics; of the others it says
// that all may have lost what the topics that it forgot have.
type losses struct {
	byTopic map[string]uint64
	bytes   int // of the names in byTopic
	all     uint64
}

func (l *losses) add(topic string, offset uint64) {
	if _, known := l.byTopic[topic]; !known {
		if l.bytes += len(topic); len(l.byTopic) >= lostLimit || l.bytes > lostBytes {
			clear(l.byTopic)
			l.bytes, l.all = len(topic), max(l.all, offset-1)
		}
	}
	if l.byTopic == nil {
		l.byTopic = map[string]uint64{}
	}
	l.byTopic[topic] = offset
}

// since reports whether a topic may have lost an event behind an offset.
func (l *losses) since(topic string, offset uint64) bool {
	return offset < l.all || offset < l.byTopic[topic]
}

// reset begins anew behind an offset: what was before may be lost, of all topics.
func (l *losses) reset(behind uint64) { *l = losses{all: behind} }
