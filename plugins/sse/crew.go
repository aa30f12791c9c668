package sse

import (
	"sync"
	"sync/atomic"
)

// A crew does work on parked streams, with a limited number of goroutines, which
// exist only while there is work. One that has to wait for a client, or for its turn
// to send, gives its place to another one before it does.
type crew struct {
	limit int
	work  func(*parked, *place)

	mu          sync.Mutex // guards what follows
	first, last *parked    // what waits for a place, by parked.next; nil if nothing does
	busy        int        // places that are taken
	goroutines  int
	none        chan struct{} // closed when there is none; nil unless somebody waits for that

	places sync.Pool // of *place
	run    func()    // serve, made once
}

// init says what the crew does, on how many goroutines at once.
func (c *crew) init(limit int, work func(*parked, *place)) {
	c.limit, c.work, c.run = limit, work, c.serve
	c.places.New = func() any { return c.newPlace() }
}

// A place is that of a goroutine of a crew. It belongs to that goroutine.
type place struct {
	crew  *crew
	given atomic.Bool
	give  func() // leave, made once, as are the others

	parked  *parked // that is being looked at
	more    bool    // there may be more to deliver
	round   func() error
	rounded func(err error)
}

func (c *crew) newPlace() *place {
	p := &place{crew: c}
	p.give = p.leave
	p.round = func() (err error) {
		p.more, err = p.parked.round()
		return err
	}
	p.rounded = func(err error) { p.parked.rounded(p.more, err) }
	return p
}

// add has work done on a stream. It must not be added again before work is called
// for it.
func (c *crew) add(p *parked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.first = p
	} else {
		c.last.next = p
	}
	c.last = p
	c.begin()
}

// begin begins another goroutine, if there is work and a place for it. The caller
// holds mu.
func (c *crew) begin() {
	if c.first == nil || c.busy == c.limit {
		return
	}
	c.busy++
	c.goroutines++
	go c.run()
}

func (c *crew) serve() {
	here, _ := c.places.Get().(*place)
	defer c.end(here) // also when work ends its goroutine
	for !here.given.Load() {
		p := c.next()
		if p == nil {
			return
		}
		c.work(p, here)
	}
}

// end ends a goroutine. Nobody else knows of its place any more.
func (c *crew) end(here *place) {
	here.leave()
	here.parked = nil
	here.given.Store(false)
	c.places.Put(here)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goroutines--; c.goroutines == 0 && c.none != nil {
		close(c.none)
		c.none = nil
	}
}

// next returns what has waited longest, nil if nothing waits.
func (c *crew) next() *parked {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.first
	if p == nil {
		return nil
	}
	if c.first, p.next = p.next, nil; c.first == nil {
		c.last = nil
	}
	return p
}

// leave gives the place to another goroutine, if there is work. Of the stream whose
// end it is, others may call it who send.
func (p *place) leave() {
	if !p.given.CompareAndSwap(false, true) {
		return
	}
	c := p.crew
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy--
	c.begin()
}

// gone returns a channel that is closed when the crew has no goroutine.
func (c *crew) gone() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.none == nil {
		c.none = make(chan struct{})
	}
	none := c.none
	if c.goroutines == 0 {
		close(none)
		c.none = nil
	}
	return none
}
