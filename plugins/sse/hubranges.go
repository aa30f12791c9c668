package sse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// pageLength is how many messages are read at once out of a broker's log for
	// a client that comes back, and pageBytes about how many bytes: a page stays
	// in memory until its client has taken it.
	pageLength = 256
	pageBytes  = 256 << 10
	// rangesAtOnce is how many different parts of the log are read at a time.
	rangesAtOnce = 16
)

// A page is a part of a broker's log.
type page struct {
	messages []Message
	whole    bool     // there was no more
	end      Position // where the hub stood when it began to be read
	topics   []string // those that it was read for
	lost     bool     // what comes next has left the broker's log: there are no messages
	from     Position // then: the position that it was read behind, zero if it is none of the log's
}

// ranges reads parts of a broker's log. Clients that come back all at once mostly
// ask for the same part: it is read once. Of different ones a few are read at a
// time, and the other clients wait, however many have come.
type ranges struct {
	slots chan struct{} // one for each read that is under way

	mu    sync.Mutex // guards what follows
	going map[rangeKey]*rangeRead
	said  time.Time // when it was logged that clients wait for the broker
}

func newRanges() *ranges {
	return &ranges{slots: make(chan struct{}, rangesAtOnce), going: map[rangeKey]*rangeRead{}}
}

// isNews reports whether it is worth saying that clients wait for the broker: once
// a minute, however many they are.
func (r *ranges) isNews() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.said) < time.Minute {
		return false
	}
	r.said = time.Now()
	return true
}

type rangeKey struct {
	after  Position
	topics string
}

// A rangeRead is under way until done is closed.
type rangeRead struct {
	done  chan struct{}
	page  page
	err   error
	ended bool // the context of who has read
}

// read returns a page of the messages behind a position. It asks again in the
// place of another whose context has ended.
func (r *ranges) read(ctx context.Context, h *Hub, after Position, topics []string) (page, error) {
	key := rangeKey{after, fmt.Sprintf("%q", topics)}
	for {
		r.mu.Lock()
		other := r.going[key]
		if other == nil {
			mine := &rangeRead{done: make(chan struct{})}
			r.going[key] = mine
			r.mu.Unlock()
			defer func() { // also if the broker panics
				r.mu.Lock()
				delete(r.going, key)
				r.mu.Unlock()
				close(mine.done)
			}()
			mine.err = errRangePanicked
			mine.page, mine.err = r.take(ctx, h, after, topics)
			mine.ended = ctx.Err() != nil
			return mine.page, mine.err
		}
		r.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return page{}, context.Cause(ctx)
		}
		if other.err == nil {
			return other.page, nil
		}
		if !other.ended {
			return page{}, other.err
		}
	}
}

// take reads a page when one of the slots is free.
func (r *ranges) take(ctx context.Context, h *Hub, after Position, topics []string) (page, error) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return page{}, context.Cause(ctx)
	}
	defer func() { <-r.slots }()
	return h.readRange(ctx, after, topics)
}

var errRangePanicked = errors.New("reading the broker's log has panicked")

// readRange reads until there is no more, or the page is full. How far the hub has
// come is asked before: what it gets from then on may be missing in the page.
func (h *Hub) readRange(ctx context.Context, after Position, topics []string) (page, error) {
	read, bytes := page{end: h.reached()}, 0
	for message, err := range h.config.Broker.Range(ctx, after, pageLength, topics) {
		switch {
		case errors.Is(err, ErrGap):
			read.messages, read.lost = nil, true
			read.from, err = h.pastOf(ctx, after, read.end)
			return read, err
		case err != nil:
			return page{}, fmt.Errorf("read the broker's log: %w", err)
		}
		read.messages = append(read.messages, message)
		if bytes += len(message.Data); bytes >= pageBytes || len(read.messages) == pageLength {
			return read, nil
		}
	}
	read.whole = true
	return read, nil
}

// pastOf returns a position that a client has come to, and the zero Position for one
// of another log, or of no past. What the hub still gets of its own log, if the broker
// has begun anew, is taken for the past: it gets no more of that.
func (h *Hub) pastOf(ctx context.Context, after, reached Position) (Position, error) {
	last, err := h.config.Broker.Last(ctx)
	isPast := after.Epoch == last.Epoch && after.Offset <= last.Offset
	isLeft := after.Epoch != last.Epoch && after.Epoch == reached.Epoch
	switch {
	case err != nil:
		return Position{}, fmt.Errorf("ask the broker for the end of the log: %w", err)
	case isPast || isLeft:
		return after, nil
	default:
		return Position{}, nil
	}
}

// reached returns how far the hub has come in the log.
func (h *Hub) reached() Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Position{h.epoch, h.last}
}
