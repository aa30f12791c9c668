package sse_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A moodyBroker is a log in memory that several hubs share, and that fails,
// hangs, forgets and skips offsets when the test wants it to.
type moodyBroker struct {
	appended func(sse.Message) // called with every message, in order

	mu      sync.Mutex
	changed chan struct{} // closed when something has
	epoch   int
	last    uint64
	log     []sse.Message
	base    uint64 // the log has all that is behind it
	mood    mood
}

// A mood is what a broker does instead of its work.
type mood int

const (
	moodGood    mood = iota
	moodFailing      // everything fails, what is under way too
	moodHanging      // nothing goes on
	moodLosing       // Publish appends, and fails
)

var errMood = errors.New("the broker is in a bad mood")

func newMoodyBroker(appended func(sse.Message)) *moodyBroker {
	return &moodyBroker{appended: appended, changed: make(chan struct{}), epoch: 1}
}

// change changes something, and tells those who wait.
func (b *moodyBroker) change(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *moodyBroker) setMood(m mood) { b.change(func() { b.mood = m }) }

// forget drops the oldest messages but n, and reports whether there were any.
func (b *moodyBroker) forget(n int) (some bool) {
	b.change(func() {
		if drop := len(b.log) - n; drop > 0 {
			b.base = b.log[drop-1].Offset
			b.log = slices.Clone(b.log[drop:])
			some = true
		}
	})
	return some
}

// restart begins another log. It calls begun with its beginning, before anything is
// in it.
func (b *moodyBroker) restart(begun func(sse.Position)) {
	b.change(func() {
		b.epoch++
		b.last, b.base, b.log = 0, 0, nil
		begun(b.position(0))
	})
}

func (b *moodyBroker) position(offset uint64) sse.Position {
	return sse.Position{Epoch: fmt.Sprint("moody", b.epoch), Offset: offset}
}

// await calls attempt with the lock held until it reports that it is done, or the
// broker fails.
func (b *moodyBroker) await(ctx context.Context, attempt func() bool) error {
	for {
		b.mu.Lock()
		mood, changed := b.mood, b.changed
		done := mood != moodHanging && mood != moodFailing && attempt()
		b.mu.Unlock()
		switch {
		case mood == moodFailing:
			return errMood
		case done:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *moodyBroker) Last(ctx context.Context) (last sse.Position, err error) {
	err = b.await(ctx, func() bool {
		last = b.position(b.last)
		return true
	})
	return last, err
}

func (b *moodyBroker) Publish(ctx context.Context, topic string, data []byte) (at sse.Position, err error) {
	lost := false
	err = b.await(ctx, func() bool {
		b.last += 1 + uint64(len(data)%3)
		at = b.position(b.last)
		message := sse.Message{Position: at, Topic: topic, Data: slices.Clone(data)}
		b.log = append(b.log, message)
		b.appended(message)
		lost = b.mood == moodLosing
		close(b.changed)
		b.changed = make(chan struct{})
		return true
	})
	if lost {
		return sse.Position{}, errMood
	}
	return at, err
}

func (b *moodyBroker) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		for {
			var next sse.Message
			gap := false
			err := b.await(ctx, func() bool {
				if gap = after != b.position(after.Offset) || after.Offset < b.base || after.Offset > b.last; gap {
					return true
				}
				i := slices.IndexFunc(b.log, func(m sse.Message) bool { return m.Offset > after.Offset })
				if i >= 0 {
					next = b.log[i]
				}
				return i >= 0
			})
			if gap {
				err = sse.ErrGap
			}
			if !yield(next, err) || err != nil {
				return
			}
			after = next.Position
		}
	}
}

func (b *moodyBroker) Range(
	ctx context.Context, after sse.Position, limit int, topics []string,
) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		var found []sse.Message
		gap := false
		err := b.await(ctx, func() bool {
			gap = after != b.position(after.Offset) || after.Offset < b.base || after.Offset > b.last
			for _, m := range b.log {
				if m.Offset > after.Offset && slices.Contains(topics, m.Topic) && len(found) < limit {
					found = append(found, m)
				}
			}
			return true
		})
		switch {
		case err != nil:
			yield(sse.Message{}, err)
			return
		case gap:
			if !yield(sse.Message{}, sse.ErrGap) {
				return
			}
			return
		}
		for _, m := range found {
			if !yield(m, nil) {
				return
			}
		}
	}
}
