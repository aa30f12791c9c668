package sse_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A sighting is one event that a client has received.
type sighting struct {
	event sse.Event
	of    *published // nil if it is not one of a hub
	told  []string   // the topics of which events are missed, if it says so
}

// How a connection of the model has joined.
const (
	joinedAll    = "all"
	joinedWhere  = "where"
	joinedNewest = "newest"
)

// A connection is one stream of a client, as both ends know it. The function that
// serves it fills in the first part, the client the second; nobody looks at it
// before both have ended.
type connection struct {
	number         int
	client         int
	log            *truth
	how            string
	topics         []string
	before, joined int64            // when Join was called and had returned, 0 if it was not
	later          map[string]int64 // topics that were joined later: when that had returned
	laterBefore    map[string]int64 // when it was called
	left           map[string]int64 // topics that were left: when that had returned
	asked          []string         // what Missed has returned

	resumed  string // the Last-Event-ID it was opened with
	seen     []sighting
	lastID   string // of what was seen
	refused  bool   // by 204
	complete bool   // it was open when all was said
}

// A verdict collects what is wrong with a connection.
type verdict struct {
	*connection

	start    sse.Position // what it has resumed from
	hasStart bool
	alien    bool // it has resumed from what is not of this log, or not of its past
	received map[*published]bool
	all      []bounds // what is in the log
	wrong    []string
}

func (v *verdict) fail(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

// judge returns all that is wrong with a connection, given what is in the log.
func (c *connection) judge(all []bounds) []string {
	v := &verdict{connection: c, received: map[*published]bool{}, all: all}
	for _, s := range c.seen {
		if s.of != nil {
			v.received[s.of] = true
		}
	}
	if c.resumed != "" {
		at, err := sse.ParsePosition(c.resumed)
		v.hasStart = err == nil && slices.Contains(c.log.epochs, at.Epoch) && at.Offset <= c.log.newest(at.Epoch)
		v.start, v.alien = at, !v.hasStart
	}
	if c.joined == 0 {
		return nil // the function has ended the stream before
	}
	v.checkOrder()
	v.checkTold()
	for topic, since := range v.interests() {
		if c.how == joinedNewest {
			v.checkNewest(topic)
			continue
		}
		v.checkTopic(topic, since)
	}
	return v.wrong
}

// interests returns the topics of which the connection has to have everything,
// with the time of the Join.
func (c *connection) interests() map[string]int64 {
	all := map[string]int64{}
	for _, topic := range c.topics {
		all[topic] = c.joined
	}
	maps.Copy(all, c.later)
	for topic := range c.left {
		delete(all, topic)
	}
	return all
}

// checkOrder checks each event that has arrived.
func (v *verdict) checkOrder() {
	var last sse.Position
	greetings, events := 0, 0
	newest := map[string]sse.Position{}
	for _, s := range v.seen {
		p := s.of
		if p == nil {
			if text := s.event.Data; text == fmt.Sprint("hello ", greetings) {
				greetings++
				if events > 0 {
					v.fail("%q has come after an event of the hub", text)
				}
			}
			continue
		}
		events++
		at := p.position
		_, joinedLater := v.later[p.topic]
		if !p.known {
			continue // nobody has seen its ID
		}
		switch before, isNewest := newest[p.topic], v.how == joinedNewest; {
		case isNewest && before != (sse.Position{}) && v.log.compare(before, at) >= 0,
			!isNewest && last != (sse.Position{}) && v.log.compare(last, at) >= 0:
			v.fail("%s at %v has come again, or out of order", p.text(), at)
		case !slices.Contains(v.topics, p.topic) && !joinedLater:
			v.fail("%s is of a topic that was not joined", p.text())
		case v.how == joinedWhere && !kept(p.text()):
			v.fail("%s should not have passed the filter", p.text())
		case v.hasStart && !isNewest && !joinedLater && v.log.compare(at, v.start) <= 0:
			v.fail("%s at %v has come again after the reconnect from %v", p.text(), at, v.start)
		case v.resumed == "" && !isNewest && !v.log.exact && !joinedLater && p.ended != 0 && p.ended < v.before,
			v.resumed == "" && !isNewest && !v.log.exact && joinedLater && p.ended != 0 && p.ended < v.laterBefore[p.topic]:
			v.fail("%s was published before the Join", p.text())
		case v.left[p.topic] != 0 && p.began > v.left[p.topic]:
			v.fail("%s was published after the Leave", p.text())
		}
		last = at
		newest[p.topic] = at
	}
}

// checkTold checks that a client was told of a gap only when it has one.
func (v *verdict) checkTold() {
	told := slices.Clone(v.asked)
	for _, s := range v.seen {
		told = append(told, s.told...)
	}
	if at, err := sse.ParsePosition(v.resumed); v.alien && err == nil && v.how != joinedNewest && v.complete {
		for _, topic := range v.topics {
			if !slices.Contains(told, topic) && v.left[topic] == 0 {
				v.fail("has come back with %v, which is of no past, and was not told of %q", at, topic)
			}
		}
	}
	if len(told) == 0 && !v.refused || v.alien || v.log.gaps {
		return
	}
	if !v.hasStart {
		v.fail("was told that it has missed events of %q, and has not resumed", told)
		return
	}
	if v.refused {
		told = v.topics[:1] // of one of them
		if slices.ContainsFunc(v.topics, func(topic string) bool { return v.mayLack(topic) }) {
			return
		}
	}
	for _, topic := range told {
		if !v.mayLack(topic) {
			v.fail("was told that it has missed events of %q, and it has all", topic)
		}
	}
}

// mayLack reports whether there may be an event of a topic that the connection
// has not received. Of a topic whose newest event has left its log a hub does not
// know whether the client has got that.
func (v *verdict) mayLack(topic string) bool {
	if v.how == joinedNewest {
		return true
	}
	return slices.ContainsFunc(v.all, func(b bounds) bool {
		return b.topic == topic && !v.has(b.published) && (!b.known || v.log.compare(b.position, v.start) > 0)
	})
}

// has reports whether an event has been received.
func (v *verdict) has(p *published) bool { return v.received[p] }

// checkTopic checks that nothing of a topic is missing that the client was not
// told of.
func (v *verdict) checkTopic(topic string, since int64) {
	_, joinedLater := v.later[topic]
	var last sse.Position // up to here the client must have everything
	for _, s := range v.seen {
		if s.of != nil {
			last = s.of.position
		}
	}
	for _, b := range v.all {
		if b.topic != topic || v.how == joinedWhere && !kept(b.text()) || v.has(b.published) {
			continue
		}
		isDue := b.began > since
		if v.hasStart && !joinedLater {
			isDue = v.log.isBehind(b, v.start)
		}
		if isDue && (v.complete || last != (sse.Position{}) && v.log.isBefore(b, last)) && !v.isTold(topic, b) {
			v.fail("%s, between %v and %v, has not come, and the client was not told", b.text(), b.low, b.high)
		}
	}
}

// isTold reports whether the client was told of a gap where an event is missing.
func (v *verdict) isTold(topic string, missing bounds) bool {
	if slices.Contains(v.asked, topic) && v.precedesAll(topic, missing, v.seen) {
		return true
	}
	for i, s := range v.seen {
		if slices.Contains(s.told, topic) && v.precedesAll(topic, missing, v.seen[i:]) &&
			!slices.ContainsFunc(v.seen[:i], func(s sighting) bool {
				return s.of != nil && s.of.topic == topic && v.log.isBefore(missing, s.of.position)
			}) {
			return true
		}
	}
	return false
}

// precedesAll reports whether a missing event may stand before all of its topic
// among what was received.
func (v *verdict) precedesAll(topic string, missing bounds, received []sighting) bool {
	return !slices.ContainsFunc(received, func(s sighting) bool {
		return s.of != nil && s.of.topic == topic && v.log.isBehind(missing, s.of.position)
	})
}

// checkNewest checks that the last event of a topic has arrived.
func (v *verdict) checkNewest(topic string) {
	if !v.complete || v.log.gaps { // what was lost in a gap is nobody's newest
		return
	}
	newest := -1
	for i, b := range v.all {
		if b.topic == topic && b.known && (newest < 0 || v.log.compare(b.position, v.all[newest].position) > 0) {
			newest = i
		}
	}
	if newest < 0 || v.has(v.all[newest].published) {
		return
	}
	// Who is new has no right to what has left the log. Neither has a client with an ID
	// that the broker never gave: nobody asks it about the newest alone.
	at, err := sse.ParsePosition(v.resumed)
	isNew := v.resumed == "" || v.log.exact && err == nil && at.Offset == 1<<63
	if isNew && v.all[newest].began < v.joined {
		return
	}
	isTold := slices.Contains(v.asked, topic) || slices.ContainsFunc(v.seen, func(s sighting) bool {
		return slices.Contains(s.told, topic) ||
			s.of != nil && s.of.topic == topic && !s.of.known // maybe it is newer
	})
	if _, joinedLater := v.later[topic]; joinedLater || isTold ||
		v.hasStart && v.log.compare(v.all[newest].position, v.start) <= 0 {
		return
	}
	v.fail("the newest event of %q, %s at %v, has not come", topic, v.all[newest].text(), v.all[newest].position)
}

// newest returns the last offset of an epoch that is known.
func (l *truth) newest(epoch string) (newest uint64) {
	newest = l.stood[epoch]
	for _, p := range l.events {
		if p.known && p.position.Epoch == epoch {
			newest = max(newest, p.position.Offset)
		}
	}
	return newest
}
