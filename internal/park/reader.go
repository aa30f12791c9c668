package park

import "time"

// read starts the goroutine of a connection that nothing else can watch.
func (p *Poller) read(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.phase == closed {
		return // by Close
	}
	done := make(chan struct{})
	c.read = done
	p.running.Go(func() {
		defer close(done)
		c.hear()
		p.saw(c.slot, c.number)
	})
}

// hear reads until the client has gone, or the end wakes it. What the client
// sends behind its request is dropped.
func (c *Conn) hear() {
	ignored := make([]byte, 64)
	for {
		n, err := c.conn.Read(ignored)
		if n > 0 {
			c.mu.Lock()
			c.heard = true
			c.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// wake ends the goroutine in Read, if there is one, and the connection knows
// deadlines.
func (c *Conn) wake() {
	if c.read != nil {
		_ = c.conn.SetReadDeadline(time.Unix(1, 0)) // one that is closed wakes it as well
	}
}

// join waits for the goroutine in Read, when the connection is closed.
func (c *Conn) join() {
	if c.read != nil {
		<-c.read
	}
}
