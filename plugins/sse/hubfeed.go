package sse

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The times between the tries to follow a broker that is away.
const (
	firstRetry  = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// startToFollow finds out where the broker's log ends, and follows it from there
// until the application stops or the hub is closed.
func (h *Hub) startToFollow(ctx context.Context) error {
	ctx, free := h.whileOpen(ctx)
	defer free()
	last, err := h.config.Broker.Last(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.isClosed():
		return nil
	case err != nil:
		return fmt.Errorf("start a hub: ask its broker for the end of the log: %w", err)
	}
	h.begin(last)
	h.application.Go(func(ctx context.Context) error {
		if h.beginToFollow() {
			defer h.following.Done()
			h.follow(ctx, last)
		}
		return nil
	})
	return nil
}

// beginToFollow reports whether the hub is open; then Close waits.
func (h *Hub) beginToFollow() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed() {
		return false
	}
	h.following.Add(1)
	return true
}

// follow puts what the broker has into the hub's log. A broker that goes away is
// waited for, and nobody learns of it if nothing is lost.
func (h *Hub) follow(ctx context.Context, at Position) {
	ctx, free := h.whileOpen(ctx)
	defer free()
	logger, wait, jumped := h.application.Logger(), time.Duration(0), false
	for {
		before := at
		err := h.followFrom(ctx, &at)
		if at != before {
			wait, jumped = 0, false
		}
		if errors.Is(err, ErrGap) {
			if failed := h.jump(ctx, &at); failed != nil {
				err = failed
			} else if !jumped { // else it leads to nothing but the next gap
				jumped = true
				continue
			}
		}
		if ctx.Err() != nil || h.isClosed() {
			return
		}
		wait = min(max(2*wait, firstRetry), longestWait)
		logger.WarnContext(ctx, "a hub cannot follow its broker, and tries again", "error", err, "wait", wait)
		pause(ctx, spread(wait/2, wait/2))
	}
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// followFrom takes messages behind a position, which it moves on, until there is
// an error.
func (h *Hub) followFrom(ctx context.Context, at *Position) error {
	for message, err := range h.config.Broker.Subscribe(ctx, *at) {
		if err != nil {
			return err
		}
		if message.Epoch == at.Epoch && message.Offset <= at.Offset {
			continue // what a broker delivers at least once
		}
		if err := h.receive(ctx, message); err != nil {
			return err
		}
		*at = message.Position
	}
	return errors.New("the broker has ended the subscription")
}

func (h *Hub) receive(ctx context.Context, message Message) error {
	if err := h.take(ctx); err != nil {
		return err
	}
	defer h.give()
	return h.put(ctx, message)
}

// jump goes to where the log goes on behind a gap: to the beginning of a new log,
// and else to the end.
func (h *Hub) jump(ctx context.Context, at *Position) error {
	last, err := h.config.Broker.Last(ctx)
	if err != nil {
		return err
	}
	if last.Epoch != at.Epoch {
		last.Offset = 0
	}
	if err := h.take(ctx); err != nil {
		return err
	}
	defer h.give()
	if err := h.putGap(ctx, last); err != nil {
		return err
	}
	h.application.Logger().WarnContext(ctx, "a hub has lost events: its broker's log does not go on where the hub was",
		"position", at.String(), "goes on at", last.String())
	*at = last
	return nil
}
