package mcphttp

import (
	"context"
	"fmt"
	"time"
)

// spare is how much of the time for a stop is left to those who end when they
// are told.
const spare = time.Second

// sweep looks after sessions from time to time: those in use are told of again,
// and those that have ended, or that nobody has used for long, are closed here.
func (h *Handler) sweep(ctx context.Context) error {
	tick := time.NewTicker(max(h.store.config.MaxAge/8, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		for _, id := range h.read() {
			h.renew(ctx, id)
		}
		for _, l := range h.all() {
			switch {
			case l.busy(time.Now().Add(-h.store.config.MaxAge)):
				h.renew(ctx, l.id)
			default:
				l.close(errEnded)
				h.removeLocal(l)
			}
		}
	}
}

// read returns the sessions of which somebody reads a stream.
func (h *Handler) read() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var ids []string
	for key := range h.readers {
		ids = append(ids, key.session)
	}
	return ids
}

func (h *Handler) all() []*local {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*local, 0, len(h.locals))
	for _, l := range h.locals {
		all = append(all, l)
	}
	return all
}

// ended says that a request has ended.
func (h *Handler) ended() {
	select {
	case h.quiet <- struct{}{}:
	default:
	}
}

// dismiss ends the streams that somebody reads, so that their clients go on at
// another node.
func (h *Handler) dismiss() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
	for _, each := range h.readers {
		each.end(errStopping)
	}
}

// close waits for the requests that run, ends those that take too long, and
// closes all sessions of this node. The SDK writes nothing for a session that is
// being closed, so their answers have to be written before.
func (h *Handler) close(ctx context.Context) error {
	limit, cancel := context.WithCancel(ctx)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		limit, cancel = context.WithDeadline(ctx, deadline.Add(-spare))
		defer cancel()
	}
	h.wait(limit)
	h.stop(errStopping)
	h.wait(ctx)
	busy := 0
	for _, l := range h.all() {
		if l.busy(time.Now()) {
			busy++
			go l.close(errStopping) // it ends when they do, which is too late to wait for
			continue
		}
		l.close(errStopping)
	}
	if busy > 0 {
		return fmt.Errorf("stop the MCP sessions: in %d of them requests still run: %w", busy, context.Cause(ctx))
	}
	return nil
}

// wait waits for the requests that run and their answers, as long as a context
// lasts.
func (h *Handler) wait(ctx context.Context) {
	for h.left() > 0 && ctx.Err() == nil {
		select {
		case <-h.quiet:
		case <-ctx.Done():
		}
	}
}

// left returns how much has to be waited for.
func (h *Handler) left() int {
	count := 0
	for _, l := range h.all() {
		count += l.left()
	}
	return count
}
