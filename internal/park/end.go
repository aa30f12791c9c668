package park

import (
	"crypto/tls"
	"net"
	"time"
)

// endPatience is how long the end may wait for a client that takes nothing, and
// lingering how long a connection stays half open for a client that has sent
// what nobody has read: closing it would be a reset, which can overtake the
// last chunk. net/http waits as long.
const (
	endPatience = 100 * time.Millisecond
	lingering   = 500 * time.Millisecond
)

// End sends the last chunk and closes the connection. It waits at most a moment
// for the client, and calls waiting before, if that is not nil. After a write that
// has failed, or [Conn.Cut], it is [Conn.Abort]. Of the ends only the first one
// counts.
func (c *Conn) End(waiting func()) {
	if !c.poller.leave(c) {
		return
	}
	c.wake()
	whole := c.err == nil && c.sendLast(waiting) == nil
	c.err = errEnded()
	if !whole {
		c.drop()
		return
	}
	if c.unread() {
		c.bounded(c.closeWrite)
		time.AfterFunc(lingering, func() {
			if c.poller.forget(c) {
				c.unread() // what came meanwhile
				c.sever()
			}
		})
		return
	}
	if c.poller.forget(c) {
		c.bounded(func() { _ = c.conn.Close() })
	}
	c.join()
}

// Abort closes the connection without the last chunk, so that the client sees
// that something is missing. Of the ends only the first one counts.
func (c *Conn) Abort() {
	if c.poller.leave(c) {
		c.err = errEnded()
		c.drop()
	}
}

// drop closes the connection as it is.
func (c *Conn) drop() {
	if c.poller.forget(c) {
		c.sever()
	}
	c.join()
}

// sendLast ends the body. A body without chunks ends with the connection.
func (c *Conn) sendLast(waiting func()) error {
	switch {
	case c.isCut():
		return errCut()
	case !c.chunked:
		return nil
	}
	s, _ := scratches.Get().(*scratch)
	defer s.free()
	last := []byte("0\r\n\r\n")
	switch {
	case c.direct:
		n, err := s.try(c.raw, last)
		if last = last[n:]; err != nil || len(last) == 0 {
			return err
		}
	case c.raw != nil && s.hasRoom(c.raw):
		waiting = nil
	}
	if waiting != nil {
		waiting()
	}
	if err := c.allow(endPatience); err != nil {
		return err
	}
	_, err := c.conn.Write(last)
	return err
}

// unread drops what the client has sent, and reports whether there was anything.
func (c *Conn) unread() bool {
	if c.read == nil {
		return drain(c.raw)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard
}

// closeWrite ends the direction to the client. Where that cannot be done, the
// end of the connection has to do.
func (c *Conn) closeWrite() {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// bounded calls end, which says farewell: TLS would wait some seconds for a
// client that takes nothing.
func (c *Conn) bounded(end func()) {
	if secured(c.conn) != nil {
		defer time.AfterFunc(endPatience, c.sever).Stop()
	}
	end()
}

// sever closes the connection without a word. Below TLS it is closed first,
// since TLS would say farewell; then the layers above TLS may note that it has
// gone.
func (c *Conn) sever() {
	if s := secured(c.conn); s != nil {
		_ = s.NetConn().Close()
		if c.conn == net.Conn(s) {
			return
		}
	}
	_ = c.conn.Close()
}

// secured returns the TLS of a connection, or nil if there is none.
func secured(conn net.Conn) *tls.Conn {
	for {
		if s, ok := conn.(*tls.Conn); ok {
			return s
		}
		layer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = layer.NetConn()
	}
}
