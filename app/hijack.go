package app

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// hijacks are the connections that handlers have taken away from the server,
// until they are closed. The server has forgotten them, so that it is for the
// application to end them with it: it tells the calls that have taken them, lets
// them say goodbye, and closes what is still open.
type hijacks struct {
	mu    sync.Mutex
	stage hijackStage
	open  map[*hijackedConn]struct{} // nil before the first one
	none  chan struct{}              // closed when none is left, if somebody waits for that
}

// hijackStage is how far the application's stop has come, for connections that
// were hijacked.
type hijackStage uint8

const (
	// hijacksOpen: any may be taken, and lives as long as it likes.
	hijacksOpen hijackStage = iota
	// hijacksTold: the contexts of their calls have ended, as do those of new
	// ones.
	hijacksTold
	// hijacksCut: all were closed, and none can be taken any more.
	hijacksCut
)

// add makes a connection known until it is closed. If all were closed by now,
// this one cannot be.
func (h *hijacks) add(conn *hijackedConn) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.stage {
	case hijacksCut:
		return ErrStopping
	case hijacksTold:
		conn.tell(ErrStopping)
	case hijacksOpen:
	}
	if h.open == nil {
		h.open = map[*hijackedConn]struct{}{}
	}
	h.open[conn] = struct{}{}
	return nil
}

// remove forgets a connection that was closed.
func (h *hijacks) remove(conn *hijackedConn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, conn)
	if len(h.open) == 0 && h.none != nil {
		close(h.none)
		h.none = nil
	}
}

// refuses reports whether none can be taken any more.
func (h *hijacks) refuses() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stage == hijacksCut
}

// tell ends the contexts of the calls that have taken connections.
func (h *hijacks) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stage = hijacksTold
	for conn := range h.open {
		conn.tell(ErrStopping)
	}
}

// gone returns a channel that is closed when all connections are. It is asked
// for when no call is left that could take another one.
func (h *hijacks) gone() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	gone := make(chan struct{})
	if len(h.open) == 0 {
		close(gone)
	} else {
		h.none = gone
	}
	return gone
}

// cut closes what is still open. What closing a connection does is foreign, and
// may close another one that is known here.
func (h *hijacks) cut() {
	h.mu.Lock()
	h.stage = hijacksCut
	left := h.open
	h.open = nil
	h.mu.Unlock()
	for conn := range left {
		conn.cut()
	}
}

// cut closes the connection at once. TLS would wait some seconds for a client
// that does not read.
func (c *hijackedConn) cut() {
	conn := c.Conn
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	_ = conn.Close()
}

// hijack takes the connection away from the server, and makes it known to the
// application. Whoever takes it has answered the call.
func (c *Call) hijack() (net.Conn, *bufio.ReadWriter, error) {
	a := &c.answer
	switching := a.stage == stageBegun && a.out.Status == http.StatusSwitchingProtocols
	conn, buffered, err := c.takeConn(switching)
	if err != nil {
		c.takeBackSwitch()
		return nil, nil, err
	}
	if a.stage < stageSent && !switching {
		a.out.Status, a.preset = 0, 0 // it was never sent
	}
	a.stage = stageHijacked
	if conn != nil && !c.isFork() {
		if conn, err = c.know(conn, buffered); err != nil {
			return nil, nil, fmt.Errorf("hijack: %w", err)
		}
	}
	if switching {
		if err := c.sendSwitch(conn); err != nil {
			return nil, nil, fmt.Errorf("hijack: send the head: %w", errors.Join(err, conn.Close()))
		}
	}
	return conn, buffered, nil
}

// takeConn takes the connection, when the plugins have been told.
func (c *Call) takeConn(switching bool) (net.Conn, *bufio.ReadWriter, error) {
	switch {
	case c.answer.stage == stageHijacked:
		return nil, nil, http.ErrHijacked
	case c.Application().taken.refuses():
		return nil, nil, fmt.Errorf("hijack: %w", ErrStopping)
	}
	if err := c.tellHijack(switching); err != nil {
		return nil, nil, fmt.Errorf("hijack: %w", err)
	}
	return c.wire.Hijack()
}

// tellHijack tells the plugins. A fork that takes a connection has told them by
// the time that it asks the call that it has left.
func (c *Call) tellHijack(switching bool) error {
	hooks := c.Endpoint().hijack
	if len(hooks) == 0 || c.door.passed() == passageForked {
		return nil
	}
	var head http.Header
	if switching {
		head = c.answer.out.Header
	}
	for _, hook := range hooks {
		if err := recovered(func(c *Call) error { return hook(c, head) }, c); err != nil {
			return err
		}
	}
	return nil
}

// know adds a connection to those of the application, and returns what whoever
// has taken it is given. The call's context ends when the application begins to
// stop.
func (c *Call) know(taken net.Conn, buffered *bufio.ReadWriter) (net.Conn, error) {
	conn := &hijackedConn{Conn: taken, of: &c.Application().taken, tell: callContext{c}.own().cancel}
	conn.status.Store(int32(c.answer.out.Status))
	if err := conn.of.add(conn); err != nil {
		conn.cut()
		return nil, err
	}
	c.seldom().hijacked = conn
	known := conn.whole()
	if buffered != nil && buffered.Writer != nil && buffered.Writer.Buffered() == 0 {
		buffered.Writer.Reset(known) // the server has made it for its own connection
	}
	return known, nil
}

// sendSwitch sends a head that switches protocols and was recorded before the
// connection was taken: net/http has sent it by then.
func (c *Call) sendSwitch(conn net.Conn) error {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/%d.%d 101 Switching Protocols\r\n", c.arrived.ProtoMajor, c.arrived.ProtoMinor)
	if err := c.answer.out.Header.WriteSubset(&head, switchless); err != nil {
		return err
	}
	head.WriteString("\r\n")
	if timeout := c.wire.WriteTimeout(); timeout > 0 {
		// A connection that is gone fails the write that follows.
		_ = conn.SetWriteDeadline(time.Now().Add(timeout))
	}
	if _, err := conn.Write(head.Bytes()); err != nil {
		return err
	}
	return conn.SetWriteDeadline(time.Time{})
}

// switchless are the header fields that a response without a body has not.
var switchless = map[string]bool{"Content-Length": true, "Transfer-Encoding": true}

// takeBackSwitch is for a connection that could not be taken: a head that
// switches protocols and was recorded for it would leave its client waiting for
// ever. Whoever answers now without naming a status answers with 501.
func (c *Call) takeBackSwitch() {
	if a := &c.answer; a.stage != stageBegun || a.out.Status != http.StatusSwitchingProtocols {
		return
	}
	c.discard()
	for _, name := range [...]string{"Connection", "Upgrade"} {
		c.Header().Del(name)
		c.answer.out.Header.Del(name)
	}
	c.answer.begin()
	c.answer.preset = http.StatusNotImplemented
}
