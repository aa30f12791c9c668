package reference

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Limits of a Hub.
const (
	QueueLimit = 256         // events that wait for one client
	StallLimit = time.Second // how long Publish waits for one client whose queue is full
	writeLimit = 32 << 10    // bytes that are collected for one write
)

// A Hub sends each event to all clients. Its methods may be called from any
// goroutine.
type Hub struct {
	publishing sync.Mutex // orders events; held while a client is waited for
	mu         sync.Mutex // guards clients and list
	clients    map[*client]struct{}
	list       []*client // of clients, never written to; nil when some have come or gone
	buffers    sync.Pool // of *[]byte, to collect what is written
}

// A client is an open stream.
type client struct {
	done  <-chan struct{} // the client has gone, or was ended
	end   context.CancelFunc
	wake  chan struct{} // something is in the queue
	room  chan struct{} // the queue was taken
	mu    sync.Mutex    // guards queue
	queue [][]byte      // encoded events, which the clients share
}

// NewHub returns a hub without clients.
func NewHub() *Hub {
	return &Hub{clients: map[*client]struct{}{}, buffers: sync.Pool{New: func() any { return new([]byte) }}}
}

// Subscribe is the handler of a stream. It returns when the client has gone, has
// not taken a write within WriteTimeout, or was ended by Publish.
func (h *Hub) Subscribe(w http.ResponseWriter, r *http.Request) { h.Handler(0).ServeHTTP(w, r) }

// Handler is Subscribe with a heartbeat every period; 0 is none.
func (h *Hub) Handler(period time.Duration) http.Handler { return Handler(period, h.serve) }

func (h *Hub) serve(ctx context.Context, s *Stream) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &client{done: ctx.Done(), end: cancel, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
	h.change(func() { h.clients[c] = struct{}{} })
	defer h.change(func() { delete(h.clients, c) })
	var batch [][]byte
	for {
		select {
		case <-c.done:
			return ctx.Err()
		case <-c.wake:
			batch = c.take(batch)
			if err := h.write(s, batch); err != nil {
				return err
			}
		}
	}
}

// Publish queues an event for each client. Where the queue is full it waits until
// the client takes it, and ends the client if that is not within StallLimit.
func (h *Hub) Publish(id, event, data string) {
	var b []byte
	if event != "" {
		b = appendLines(b, "event: ", event)
	}
	b = appendLines(b, "data: ", data)
	if id != "" {
		b = appendLines(b, "id: ", id)
	}
	b = append(b, "\r\n"...)
	h.publishing.Lock()
	defer h.publishing.Unlock()
	h.mu.Lock()
	if h.list == nil {
		h.list = slices.Collect(maps.Keys(h.clients))
	}
	list := h.list
	h.mu.Unlock()
	for _, c := range list {
		for !c.put(b) {
			select {
			case <-c.room:
				continue
			case <-c.done:
			case <-time.After(StallLimit):
				c.end()
			}
			break
		}
	}
}

func (h *Hub) change(clients func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	clients()
	h.list = nil
}

// write writes events in as few writes as writeLimit allows.
func (h *Hub) write(s *Stream, batch [][]byte) (err error) {
	buffer := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buffer)
	for len(batch) > 0 && err == nil {
		b := append((*buffer)[:0], batch[0]...)
		for batch = batch[1:]; len(batch) > 0 && len(b)+len(batch[0]) <= writeLimit; batch = batch[1:] {
			b = append(b, batch[0]...)
		}
		*buffer, err = b, s.write(b)
	}
	return err
}

// take returns what is queued. What was written before becomes the queue.
func (c *client) take(written [][]byte) [][]byte {
	clear(written)
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.queue
	c.queue = written[:0]
	signal(c.room)
	return taken
}

// put returns false if the queue is full.
func (c *client) put(event []byte) (queued bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if queued = len(c.queue) < QueueLimit; queued {
		c.queue = append(c.queue, event)
		signal(c.wake)
	}
	return queued
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
