package sse

import (
	"bytes"
	"sort"
	"sync/atomic"
)

// An entry is an event in the log of a hub, or the word that events are lost.
// Nothing of it changes once it is in the log.
type entry struct {
	seq      uint64 // its number in this log: 1 for the first
	position Position
	topic    *topic // nil for a gap
	frame    []byte // as it goes over the wire
	id       int    // the length of the ID at the beginning of frame
	isEvent  bool   // clients dispatch it: it is no comment alone
	size     int    // what it counts in the log
	decoded  atomic.Pointer[decoded]
}

// A decoded is what a frame says to a client that reads it.
type decoded struct {
	event      Event
	dispatched bool // it says something to listeners
}

// decode returns what the frame says, for filters, and for those that are given
// events.
func (e *entry) decode() *decoded {
	if known := e.decoded.Load(); known != nil {
		return known
	}
	read := &decoded{}
	for event, err := range NewReader(bytes.NewReader(e.frame), func(c *ReaderConfig) { c.MaxEvent = 0 }).All() {
		if err == nil { // and nothing can fail: the frame is whole
			read.event, read.dispatched = event, true
		}
	}
	e.decoded.Store(read)
	return read
}

// isBehind reports whether an entry is not newer than a position of the same log.
func (e *entry) isBehind(at Position) bool {
	return e.position.Offset <= at.Offset && e.position.Epoch == at.Epoch
}

// entryOverhead is about what an entry takes besides its bytes and its topic.
const entryOverhead = 128

// A hubLog holds the newest events of a hub. One goroutine at a time changes it,
// the one whose turn it is to publish; any number read it beside that, without a
// lock.
type hubLog struct {
	maxEvents, maxBytes int // 0 is no limit

	// A ring, whose length is a power of two.
	slots atomic.Pointer[[]atomic.Pointer[entry]]
	// The oldest entry that is kept, and the one to come.
	first, next atomic.Uint64
	bytes       atomic.Int64
}

func newHubLog(maxEvents, maxBytes int) *hubLog {
	l := &hubLog{maxEvents: maxEvents, maxBytes: maxBytes}
	slots := make([]atomic.Pointer[entry], 16)
	l.slots.Store(&slots)
	l.first.Store(1)
	l.next.Store(1)
	return l
}

// at returns an entry, or nil if it has left the log or is yet to come.
func (l *hubLog) at(seq uint64) *entry {
	slots := *l.slots.Load()
	if found := slots[seq%uint64(len(slots))].Load(); found != nil && found.seq == seq {
		return found
	}
	return nil
}

// len returns how many entries there are.
func (l *hubLog) len() int { return int(l.next.Load() - l.first.Load()) }

// isFull reports whether an entry has to leave before one of size bytes comes.
func (l *hubLog) isFull(size int) bool {
	n := l.len()
	return n > 0 && (l.maxEvents > 0 && n >= l.maxEvents || l.maxBytes > 0 && int(l.bytes.Load())+size > l.maxBytes)
}

// push appends an entry, whose number is next.
func (l *hubLog) push(e *entry) {
	slots := *l.slots.Load()
	if l.len() == len(slots) {
		slots = l.grow(slots)
	}
	slots[e.seq%uint64(len(slots))].Store(e)
	l.bytes.Add(int64(e.size))
	l.next.Store(e.seq + 1)
}

// grow puts all entries into a ring of twice the length. Who reads the old one
// meanwhile finds what is in it, and no new entries before next says so.
func (l *hubLog) grow(old []atomic.Pointer[entry]) []atomic.Pointer[entry] {
	slots := make([]atomic.Pointer[entry], 2*len(old))
	for seq := l.first.Load(); seq < l.next.Load(); seq++ {
		slots[seq%uint64(len(slots))].Store(old[seq%uint64(len(old))].Load())
	}
	l.slots.Store(&slots)
	return slots
}

// shift takes the oldest entry out of the log.
func (l *hubLog) shift() {
	slots := *l.slots.Load()
	first := l.first.Load()
	slot := &slots[first%uint64(len(slots))]
	l.bytes.Add(-int64(slot.Load().size))
	l.first.Store(first + 1)
	slot.Store(nil)
}

// after returns the number of the first entry behind an offset of the newest
// epoch, which begins with the entry since. It is called by who holds the turn,
// or keeps it from changing the log.
func (l *hubLog) after(offset, since uint64) uint64 {
	first := max(l.first.Load(), since)
	n := int(l.next.Load() - first)
	return first + uint64(sort.Search(n, func(i int) bool {
		return l.at(first+uint64(i)).position.Offset > offset
	}))
}
