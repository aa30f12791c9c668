package engine

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections knows what each connection of a server is doing, from the hook
// that net/http calls.
type connections struct {
	mu      sync.Mutex // guards states, counts and changes
	states  map[net.Conn]http.ConnState
	counts  [http.StateClosed + 1]int
	changes int           // how often a connection has changed
	changed chan struct{} // holds a token when one has
}

// watch makes server report to the hook it had, and then to c, so that Stop
// waits for that hook.
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
	c.mu.Lock()
	if before, known := c.states[conn]; known {
		c.counts[before]--
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.states, conn)
	} else {
		c.states[conn] = state
		c.counts[state]++
	}
	c.changes++
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// count returns how many connections serve calls, how many have done so and are
// quiet, and how often any has changed.
func (c *connections) count() (active, idle, changes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[http.StateActive], c.counts[http.StateIdle], c.changes
}

// cut gives the writes that are under way on active connections a deadline.
// Later writes set their own.
func (c *connections) cut(deadline time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, state := range c.states {
		if state == http.StateActive {
			_ = conn.SetWriteDeadline(deadline) // a connection that is gone has no writes
		}
	}
}

// wait waits until all connections are gone, those too that have not sent a
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
