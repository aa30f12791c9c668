package park

import (
	"net"
	"sync"
)

// A Poller sees that clients of parked connections have gone. The zero Poller
// is ready to use; it must not be copied. Its goroutine exists only while
// something is parked. All methods may be called concurrently.
type Poller struct {
	mu      sync.Mutex // guards what follows, and the place and phase of each Conn
	places  []*Conn    // all that are not closed; nil where one was
	free    []uint32   // the places that are nil
	taken   uint32     // how many connections there were: each has a number of its own
	watched int        // how many connections the watch has to look at
	watch   *watch     // nil while it has none
	closed  bool
	told    sync.Cond // a gone has returned

	running sync.WaitGroup // the goroutines of watches and readers
}

// A phase is how far the life of a Conn has come.
type phase uint8

const (
	parked phase = iota // gone may be called
	ending              // End or Abort has begun
	closed              // it has no place any more
)

// Take takes a connection over that nobody else reads, writes or closes any
// more. Texts are sent as chunks, or bare if chunked is false. The function gone
// is called at most once when the client is seen to have gone, which includes
// that it has ended its direction, or when [Poller.Close] is called, unless an
// end has begun by then. It may be called from any goroutine, that of Take as
// well, before Take has returned, and has returned when the Conn has ended. It
// must not wait, nor call the ends of the Conn.
//
// A Poller that is closed closes the connection.
func (p *Poller) Take(conn net.Conn, chunked bool, gone func()) *Conn {
	c := &Conn{conn: conn, poller: p, gone: gone, chunked: chunked}
	c.raw, c.direct = socketBelow(conn)
	c.direct = c.direct && secured(conn) == nil // a layer may show the socket below TLS
	if !p.place(c) {
		c.sever()
		if gone != nil {
			gone()
		}
		return c
	}
	if c.raw == nil || !p.watches(c) {
		p.read(c)
	}
	return c
}

// Close closes what is still parked or about to end, at once and without a last
// chunk, and whatever is taken later. It waits for the goroutines of the
// Poller, and the functions that they call.
func (p *Poller) Close() {
	p.mu.Lock()
	p.closed = true
	left, w := p.places, p.watch
	p.places, p.free, p.watch, p.watched = nil, nil, nil, 0
	for _, c := range left {
		if c != nil {
			c.phase = closed
		}
	}
	p.mu.Unlock()
	if w != nil {
		w.close()
	}
	for _, c := range left {
		if c != nil {
			c.sever()
			p.tell(c)
		}
	}
	p.running.Wait()
}

// tell calls the gone of a Conn, if nobody has and no end has begun.
func (p *Poller) tell(c *Conn) {
	p.mu.Lock()
	gone := c.gone
	c.gone, c.telling = nil, c.telling || gone != nil
	p.mu.Unlock()
	if gone == nil {
		return
	}
	gone()
	p.mu.Lock()
	defer p.mu.Unlock()
	c.telling = false
	p.told.Broadcast()
}

// place gives a Conn its place, and reports false if the Poller is closed.
func (p *Poller) place(c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.phase = closed
		return false
	}
	p.taken++
	c.number = p.taken
	if last := len(p.free) - 1; last >= 0 {
		c.slot, p.free = p.free[last], p.free[:last]
		p.places[c.slot] = c
	} else {
		c.slot = uint32(len(p.places))
		p.places = append(p.places, c)
	}
	return true
}

// leave begins the end of a Conn, and reports false if it has begun before, or
// the Poller is closed. Nobody is in its gone any more, or will be.
func (p *Poller) leave(c *Conn) bool {
	p.mu.Lock()
	c.gone = nil
	if p.told.L == nil {
		p.told.L = &p.mu
	}
	for c.telling {
		p.told.Wait()
	}
	if c.phase != parked {
		p.mu.Unlock()
		return false
	}
	c.phase = ending
	w, last := p.unwatch(c)
	p.mu.Unlock()
	if last {
		w.close()
	} else if w != nil {
		w.remove(c)
	}
	return true
}

// forget takes the place away from a Conn that is to be closed, and reports
// false if that has happened before.
func (p *Poller) forget(c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.phase == closed {
		return false
	}
	c.phase = closed
	p.places[c.slot] = nil
	p.free = append(p.free, c.slot)
	if len(p.free) == len(p.places) {
		p.places, p.free = nil, nil
	}
	return true
}

// watches gives a Conn to the watch, which it makes for the first one, and
// reports false if the system cannot do that.
func (p *Poller) watches(c *Conn) bool {
	p.mu.Lock()
	if c.phase == closed {
		p.mu.Unlock()
		return true // by Close: there is nothing to see any more
	}
	if p.watch == nil {
		made, err := newWatch()
		if err != nil {
			p.mu.Unlock()
			return false
		}
		p.watch = made
		p.running.Go(func() { made.run(p) })
	}
	w := p.watch
	p.watched++
	c.watched = true
	p.mu.Unlock()
	if w.add(c) == nil {
		return true
	}
	p.mu.Lock()
	w, last := p.unwatch(c)
	p.mu.Unlock()
	if last {
		w.close()
	}
	return false
}

// unwatch takes a Conn away from the watch, which it returns, and reports whether
// that was the last one: then the watch has to be closed. Its caller holds the
// lock.
func (p *Poller) unwatch(c *Conn) (w *watch, last bool) {
	if !c.watched || p.watch == nil {
		return nil, false
	}
	c.watched = false
	w = p.watch
	if p.watched--; p.watched > 0 {
		return w, false
	}
	p.watch = nil
	return w, true
}

// saw tells that the client in a place has gone. What a watch has in hand may be
// of a connection that has left meanwhile: then the number is another one.
func (p *Poller) saw(slot, number uint32) {
	p.mu.Lock()
	var seen *Conn
	if int(slot) < len(p.places) {
		if c := p.places[slot]; c != nil && c.number == number {
			seen = c
		}
	}
	p.mu.Unlock()
	if seen != nil {
		p.tell(seen)
	}
}
