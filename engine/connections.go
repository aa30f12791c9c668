package engine

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections knows what each connection of a server is doing, from the hook
// that net/http calls, and how many there may be.
type connections struct {
	limits

	mu     sync.Mutex // guards what follows, and the record of each connection
	states map[net.Conn]http.ConnState
	counts [http.StateClosed + 1]int
	moved  bool // a connection has changed since the last count

	unused, unserved uint64 // see Stats
	http2Errors      atomic.Uint64

	changed chan struct{} // holds a token when a connection has changed
}

// watch makes server report first to the ConnState hook that it had, and then
// to c, so that Stop waits for that hook.
func (c *connections) watch(server *http.Server) {
	c.states = make(map[net.Conn]http.ConnState)
	c.changed = make(chan struct{}, 1)
	hook := server.ConnState
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if hook != nil {
			hook(conn, state)
		}
		c.set(conn, state)
	}
}

func (c *connections) set(conn net.Conn, state http.ConnState) {
	below := connBelow(conn)
	c.mu.Lock()
	before, known := c.states[conn]
	if known {
		c.counts[before]--
	}
	if below != nil {
		c.note(&below.record, before, state)
		if state == http.StateIdle {
			below.keep()
		}
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.states, conn)
	} else {
		c.states[conn] = state
		c.counts[state]++
	}
	c.moved = true
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// count returns how many connections serve calls, how many have done so and are
// quiet, and whether any has changed since the last count.
func (c *connections) count() (active, idle int, changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, c.moved = c.moved, false
	return c.counts[http.StateActive], c.counts[http.StateIdle], changed
}

// cut gives the writes that are under way on active connections a deadline.
// Later writes set their own.
func (c *connections) cut(deadline time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, state := range c.states {
		if state == http.StateActive {
			cut(conn, deadline)
		}
	}
}

// wait waits until all connections are gone, including those that never sent a
// request, or ctx ends.
func (c *connections) wait(ctx context.Context) {
	for !c.gone() {
		select {
		case <-c.changed:
		case <-ctx.Done():
			return
		}
	}
}

func (c *connections) gone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states) == 0
}
