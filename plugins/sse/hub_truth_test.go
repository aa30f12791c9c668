package sse_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A published is an event as its publisher knows it.
type published struct {
	publisher, number int // number counts all events of a publisher in one log
	topic             string
	began, ended      int64 // when Publish was called and had returned, by the clock of the truth
	refused           bool  // it must not be in the log
	known             bool  // position is
	position          sse.Position
}

// text is the first line of the event's data, by which it is recognized.
func (p *published) text() string { return fmt.Sprintf("%s/%d/%d", p.topic, p.publisher, p.number) }

// kept says which events the filter of the model lets pass.
func kept(text string) bool {
	var sum int
	for _, char := range []byte(text) {
		sum += int(char)
	}
	return sum%3 != 0
}

// A truth is what is known of one log: what was published to it, and where that
// stands, which a broker tells at once, and a hub by the IDs that clients see.
type truth struct {
	exact bool // a broker tells positions; what has none is not in the log

	mu     sync.Mutex
	clock  int64
	events []*published
	byText map[string]*published
	epochs []string
	stood  map[string]uint64 // by epoch, the last offset that a client was told
	gaps   bool              // a broker has forgotten something
}

func newTruth(exact bool) *truth {
	return &truth{exact: exact, byText: map[string]*published{}, stood: map[string]uint64{}}
}

// now returns a time that is later than all before.
func (l *truth) now() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	return l.clock
}

// add notes an event that is about to be published.
func (l *truth) add(publisher, number int, topic string) *published {
	p := &published{publisher: publisher, number: number, topic: topic}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	p.began = l.clock
	l.events = append(l.events, p)
	l.byText[p.text()] = p
	return p
}

// finish notes how Publish has ended.
func (l *truth) finish(p *published, refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	p.ended = l.clock
	p.refused = refused
}

// learn notes the position of an event. It returns the event, and what is wrong
// with that.
func (l *truth) learn(text string, at sse.Position) (*published, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.byText[text]
	switch {
	case p == nil:
		return nil, fmt.Errorf("%q was never published here", text)
	case !slices.Contains(l.epochs, at.Epoch):
		l.epochs = append(l.epochs, at.Epoch)
	}
	if p.known && p.position != at {
		return p, fmt.Errorf("%s is at %v and at %v", text, p.position, at)
	}
	p.known, p.position = true, at
	return p, nil
}

// stand notes where a hub stood when a client was told to begin there.
func (l *truth) stand(at sse.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.epochs, at.Epoch) {
		l.epochs = append(l.epochs, at.Epoch)
	}
	l.stood[at.Epoch] = max(l.stood[at.Epoch], at.Offset)
}

// compare orders positions.
func (l *truth) compare(a, b sse.Position) int {
	return cmp.Or(
		cmp.Compare(slices.Index(l.epochs, a.Epoch), slices.Index(l.epochs, b.Epoch)),
		cmp.Compare(a.Offset, b.Offset),
	)
}

// A bounds says where an event stands: between two events of its publisher that
// somebody has seen, or, if it has been seen itself, exactly.
type bounds struct {
	*published

	low, high       sse.Position
	hasLow, hasHigh bool
}

// placed returns all events that are in the log, with their bounds.
func (l *truth) placed() []bounds {
	perPublisher := map[int][]*published{}
	for _, p := range l.events {
		if p.known || !p.refused && !l.exact {
			perPublisher[p.publisher] = append(perPublisher[p.publisher], p)
		}
	}
	var all []bounds
	for _, own := range perPublisher {
		for i, p := range own {
			b := bounds{published: p}
			for _, earlier := range slices.Backward(own[:i+1]) {
				if b.hasLow = earlier.known; b.hasLow {
					b.low = earlier.position
					break
				}
			}
			for _, later := range own[i:] {
				if b.hasHigh = later.known; b.hasHigh {
					b.high = later.position
					break
				}
			}
			all = append(all, b)
		}
	}
	return all
}

// isBehind reports whether an event certainly stands behind a position.
func (l *truth) isBehind(b bounds, at sse.Position) bool {
	if b.known {
		return l.compare(b.position, at) > 0
	}
	return b.hasLow && l.compare(b.low, at) >= 0
}

// isBefore reports whether an event certainly stands before a position.
func (l *truth) isBefore(b bounds, at sse.Position) bool {
	if b.known {
		return l.compare(b.position, at) < 0
	}
	return b.hasHigh && l.compare(b.high, at) <= 0
}

// misorders returns the publishers whose events are not in the order in which
// they were published.
func (l *truth) misorders() (wrong []string) {
	last := map[int]*published{}
	for _, p := range l.events {
		if !p.known {
			continue
		}
		if before := last[p.publisher]; before != nil && l.compare(before.position, p.position) >= 0 {
			wrong = append(wrong, fmt.Sprintf("%s is at %v and the later %s at %v",
				before.text(), before.position, p.text(), p.position))
		}
		last[p.publisher] = p
	}
	return wrong
}

// textOf returns the first line of an event's data.
func textOf(data string) string {
	text, _, _ := strings.Cut(data, "\n")
	return text
}
