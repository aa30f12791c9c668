package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// pieceLength is how much of a body is on its way under one deadline.
const pieceLength = 256 << 10

// bufferedLength is how much the server's writer takes without touching the network, in either protocol.
const bufferedLength = 2048

// cutLength is how much of an unflushed body may be on its way before it is worth preparing a cut: about
// what the kernel takes without waiting for the client.
const cutLength = 32 << 10

// Bytes get from a call to the server's writer under a deadline that guards them on their way, never idle time:
// it is set before bytes are handed over, lifted after each flush, and set once more when the handler has
// returned, for the server's own last flush.

// cut ends a write that is stuck, when the call's context ends, by a deadline in the past.
type cut struct {
	stop   func() bool
	firing sync.WaitGroup // to wait for when it cannot be stopped any more

	mu    sync.Mutex // guards fired, and orders deadlines
	fired bool
}

// guard sets the deadline for the next n bytes if they may reach the network; flushed says that they will.
func (c *Call) guard(n int, flushed bool) {
	c.unflushed = uint16(min(int(c.unflushed)+n, cutLength+1))
	if c.broken || !flushed && c.unflushed <= bufferedLength {
		return
	}
	deadlines := c.deadlines()
	if deadlines == nil {
		return
	}
	if c.cut() == nil && (flushed || c.unflushed > cutLength) {
		c.armCut()
	}
	timeout := c.writeTimeout()
	if timeout <= 0 {
		c.awaitBody(time.Now())
		return
	}
	now := time.Now()
	age := now.Sub(c.app.made)
	if !flushed && n < bufferedLength && c.armed != 0 && age-c.armed < timeout/4 {
		return
	}
	c.armed = age + 1
	c.setDeadline(deadlines, now.Add(timeout+c.awaitBody(now)))
}

// unguard lifts the deadline after bytes were handed over. HTTP/1 looks at a deadline only while it writes, so
// there it may stand until the next flush; HTTP/2 resets a stream whose deadline passes in silence.
func (c *Call) unguard(flushed bool) {
	c.awaited(flushed)
	if c.armed == 0 || c.broken || !flushed && c.Request.ProtoMajor < 2 {
		return
	}
	c.armed = 0
	c.setDeadline(c.deadlines(), time.Time{})
}

// setDeadline sets the deadline, unless the cut has set the last one.
func (c *Call) setDeadline(deadlines deadliner, at time.Time) {
	if cut := c.cut(); cut != nil {
		cut.mu.Lock()
		defer cut.mu.Unlock()
		if cut.fired {
			return
		}
	}
	_ = deadlines.SetWriteDeadline(at) // a connection that is gone fails the write that follows
}

// cut returns the call's cut, or nil.
func (c *Call) cut() *cut {
	if c.rare == nil {
		return nil
	}
	return c.rare.cut
}

// armCut prepares a cut, before the first write that may get stuck.
func (c *Call) armCut() {
	made := &cut{}
	made.firing.Add(1)
	c.seldom().cut = made
	made.stop = context.AfterFunc((*callContext)(c), c.fireCut)
}

// fireCut runs on a goroutine of its own, beside a write. What it reads of the call has not changed since armCut.
func (c *Call) fireCut() {
	cut := c.cut()
	defer cut.firing.Done()
	cut.mu.Lock()
	defer cut.mu.Unlock()
	cut.fired = true
	deadlines, past := c.deadlines(), time.Unix(1, 0)
	_ = deadlines.SetWriteDeadline(past)
	if body, ok := deadlines.(readDeadliner); ok && c.request.ContentLength != 0 && c.request.ProtoMajor == 1 {
		_ = body.SetReadDeadline(past)
	}
}

// push hands bytes to the server in pieces.
func (c *Call) push(p []byte) (n int, err error) {
	for {
		piece := p[:min(len(p), pieceLength)]
		c.guard(len(piece), false)
		sent, err := c.server.Write(piece)
		n += sent
		if err != nil {
			c.broken = true
			return n, err
		}
		c.unguard(false)
		if p = p[len(piece):]; len(p) == 0 {
			return n, nil
		}
	}
}

// pushText hands a text to the server in pieces, without copying it.
func (c *Call) pushText(text string) error {
	for len(text) > 0 {
		piece := text[:min(len(text), pieceLength)]
		c.guard(len(piece), false)
		if _, err := io.WriteString(c.server, piece); err != nil {
			c.broken = true
			return err
		}
		c.unguard(false)
		text = text[len(piece):]
	}
	return nil
}

// flushWire sends on what the server holds, and lifts the deadline.
func (c *Call) flushWire() error {
	c.guard(0, true)
	if err := http.NewResponseController(c.server).Flush(); err != nil {
		c.broken = c.broken || !errors.Is(err, http.ErrNotSupported)
		return err
	}
	c.unflushed = 0
	c.unguard(true)
	return nil
}

// endWire makes sure that the cut cannot meet the connection's next request, and renews the deadline for the
// server's last flush.
func (c *Call) endWire() {
	if cut := c.cut(); cut != nil && !cut.stop() {
		cut.firing.Wait()
		return
	}
	now := time.Now()
	wait := c.awaitEnd(now)
	deadlines := c.deadlines()
	if deadlines == nil || c.broken {
		return
	}
	if timeout := c.writeTimeout(); timeout > 0 {
		_ = deadlines.SetWriteDeadline(now.Add(timeout + wait))
	}
}

// SetWriteTimeout replaces [Config.WriteTimeout] for what this call has not written yet; 0 or less sets no
// deadline. It belongs to the call's goroutine, and to nobody while others write.
func (c *Call) SetWriteTimeout(timeout time.Duration) {
	if timeout <= 0 {
		timeout = -1
	}
	c.seldom().writeTimeout = timeout
}

// writeTimeout returns how long bytes of this call may be on their way, nothing positive if there is no limit.
func (c *Call) writeTimeout() time.Duration {
	if c.rare != nil && c.rare.writeTimeout != 0 {
		return c.rare.writeTimeout
	}
	return c.app.config.WriteTimeout
}

type deadliner interface{ SetWriteDeadline(time.Time) error }

// deadlines returns what sets write deadlines below the call, or nil if nothing does.
func (c *Call) deadlines() deadliner {
	w := c.server
	for {
		switch layer := w.(type) {
		case deadliner:
			return layer
		case interface{ Unwrap() http.ResponseWriter }:
			w = layer.Unwrap()
		default:
			return nil
		}
	}
}

// serverEnd is what the last wrap writes to: the server's writer with our deadlines.
type serverEnd Call

func (e *serverEnd) Write(p []byte) (int, error) { return (*Call)(e).push(p) }

// sinkChain is a wrap in front of the one that it writes to.
type sinkChain struct {
	BodyWriter
	next BodyWriter
}

func (s *sinkChain) Flush() error {
	if err := s.BodyWriter.Flush(); err != nil {
		return err
	}
	return s.next.Flush()
}

func (s *sinkChain) Close() error {
	if err := s.BodyWriter.Close(); err != nil {
		s.next.Abort()
		return err
	}
	return s.next.Close()
}

func (s *sinkChain) Abort() {
	s.BodyWriter.Abort()
	s.next.Abort()
}
