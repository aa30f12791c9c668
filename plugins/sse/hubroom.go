package sse

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// lagWindow is what LagLimit of [HubConfig] is a part of.
const lagWindow = time.Minute

// A room is the room in the log that a publisher makes for an entry: it lets the
// oldest ones go, and before that waits for the members that need them, as long
// as it may. It belongs to whoever has the turn.
type room struct {
	hub    *Hub
	began  time.Time     // when the minute began in which somebody has waited
	waited time.Duration // in that minute
	total  atomic.Int64  // of all time, in nanoseconds
}

// reserve lets entries go until there is room for one of a size.
func (r *room) reserve(ctx context.Context, size int) error {
	h := r.hub
	for h.log.isFull(size) {
		oldest := h.log.at(h.log.first.Load())
		holders := h.letGo(oldest)
		if len(holders) == 0 {
			continue
		}
		if err := r.wait(ctx, oldest, holders); err != nil {
			return err
		}
	}
	return nil
}

// letGo takes the oldest entry out of the log, unless members need it still:
// then it returns them.
func (h *Hub) letGo(oldest *entry) (holders []*member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if holders := h.holders(oldest); len(holders) > 0 {
		return holders
	}
	h.log.shift()
	if t := oldest.topic; t != nil {
		t.kept--
		if oldest.position.Epoch == h.epoch { // what is lost of an older log says nothing
			h.base = max(h.base, oldest.position.Offset)
			h.losses.add(t.name, oldest.position.Offset)
		}
		h.forget(t)
	}
	return nil
}

// holders returns the members that need an entry still. The caller holds mu.
func (h *Hub) holders(e *entry) (holders []*member) {
	t := e.topic
	if t == nil {
		for m := range h.members() {
			if m.needs(e) {
				holders = append(holders, m)
			}
		}
		return holders
	}
	if e.seq < t.unneeded {
		return nil
	}
	least := h.log.next.Load()
	for _, joined := range t.members {
		from, some := joined.needed()
		if !some {
			continue
		}
		if from <= e.seq {
			holders = append(holders, joined.member)
		}
		least = min(least, from)
	}
	t.unneeded = least
	return holders
}

// stillNeeding returns those of some members that need an entry still.
func (h *Hub) stillNeeding(e *entry, members []*member) []*member {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(members, func(m *member) bool { return !m.needs(e) })
}

// wait waits until none of the members needs an entry any more. Those that may
// not be waited for, or not for so long, are ended: they do not need it then.
func (r *room) wait(ctx context.Context, e *entry, holders []*member) error {
	h, began := r.hub, time.Now()
	if began.Sub(r.began) >= lagWindow {
		r.began, r.waited = began, 0
	}
	h.watch.Store(e.seq)
	defer h.watch.Store(0)
	defer func() {
		waited := time.Since(began)
		r.waited += waited
		r.total.Add(int64(waited))
	}()
	timer := time.NewTimer(lagWindow)
	defer timer.Stop()
	for {
		now, next := time.Now(), lagWindow
		left := h.config.LagLimit - r.waited - now.Sub(began)
		if h.config.LagLimit > 0 {
			next = left
		}
		remaining := holders[:0]
		for _, m := range h.stillNeeding(e, holders) {
			stalled := m.stalled(began, now)
			if !m.isWaitedFor() ||
				h.config.LagLimit > 0 && left <= 0 ||
				h.config.StallLimit > 0 && stalled >= h.config.StallLimit {
				m.lag()
				continue
			}
			if h.config.StallLimit > 0 {
				next = min(next, h.config.StallLimit-stalled)
			}
			remaining = append(remaining, m)
		}
		if holders = remaining; len(holders) == 0 {
			return nil
		}
		timer.Reset(next)
		select {
		case <-h.passed:
		case <-timer.C:
		case <-h.life.Done():
			return errHubClosed
		case <-ctx.Done():
			for _, m := range holders {
				m.noteStall(began)
			}
			return context.Cause(ctx)
		}
	}
}
