package park

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A Conn is a connection that is parked. Write, End and Abort belong to one
// goroutine at a time. There may be very many, so it is small.
type Conn struct {
	conn   net.Conn        // as it was given
	raw    syscall.RawConn // the socket of it or below it; nil if there is none
	poller *Poller
	gone   func()        // nil when it was called, or may not be called any more
	err    error         // of the first write that has failed
	read   chan struct{} // closed when the goroutine in Read ends; nil if there is none

	mu           sync.Mutex // orders the deadlines for writing, and guards cut and heard
	slot, number uint32     // the place in the Poller, and which connection that is
	phase        phase
	chunked      bool
	direct       bool // conn is a socket itself, which may be written to directly
	watched      bool // the Poller looks at the socket
	telling      bool // somebody is in gone
	cut          bool
	heard        bool // the goroutine in Read has got something
}

// pieceLength is how much a chunk holds at most, and shortLength how much is
// written without a word if a socket below a layer has room. A socket that says
// so has a third of its buffer left.
const (
	pieceLength = 32 << 10
	shortLength = 4 << 10
)

// Write writes text, a chunk for each 32 KiB. Where it can it tries to do so
// without waiting for the client. Before it has to wait for the first time it
// calls waiting, if that is not nil, exactly once. From then on each piece may
// take timeout, and as long again whenever the client has taken some of it; 0 or
// less sets no limit.
//
// The first error breaks the Conn: the client may be in the middle of a chunk.
// Every later Write fails with it.
func (c *Conn) Write(text []byte, timeout time.Duration, waiting func()) error {
	for c.err == nil && len(text) > 0 {
		piece := text[:min(len(text), pieceLength)]
		text = text[len(piece):]
		waiting, c.err = c.put(piece, timeout, waiting)
	}
	return c.err
}

// put writes one piece, and returns the function that is still to be called
// before something waits.
func (c *Conn) put(text []byte, timeout time.Duration, waiting func()) (func(), error) {
	if c.isCut() {
		return nil, errCut()
	}
	s := scratches.Get().(*scratch)
	piece, written := s.frame(text, c.chunked), 0
	if c.direct {
		n, err := s.try(c.raw, piece)
		if err != nil || n == len(piece) {
			s.free()
			return waiting, wrapped(err)
		}
		written = n
	} else if c.raw != nil && len(piece) <= shortLength && s.hasRoom(c.raw) {
		defer s.free()
		return waiting, c.send(piece, timeout)
	}
	if waiting != nil {
		waiting()
	}
	if c.direct && len(piece) > shortLength {
		s.free() // the client may take its time, and there may be many such clients
		return nil, c.sendParts(text, written, timeout)
	}
	defer s.free()
	return nil, c.send(piece[written:], timeout)
}

// sendParts writes what is left of a piece, without a copy of the text.
func (c *Conn) sendParts(text []byte, written int, timeout time.Duration) error {
	parts := [][]byte{text}
	if c.chunked {
		parts = [][]byte{appendHead(nil, text), text, []byte(crlf)}
	}
	for _, part := range parts {
		skipped := min(written, len(part))
		written -= skipped
		if part = part[skipped:]; len(part) == 0 {
			continue
		}
		if err := c.send(part, timeout); err != nil {
			return err
		}
	}
	return nil
}

// send writes under a deadline.
func (c *Conn) send(piece []byte, timeout time.Duration) error {
	for {
		if err := c.allow(timeout); err != nil {
			return err
		}
		n, err := c.conn.Write(piece)
		if piece = piece[n:]; err == nil {
			break
		}
		if n == 0 || !errors.Is(err, os.ErrDeadlineExceeded) || c.isCut() {
			return wrapped(err)
		}
	}
	if timeout > 0 && (c.direct || c.read != nil) {
		return c.allow(0) // before the socket is tried again, or TLS answers what it reads
	}
	return nil
}

// allow sets the deadline for writing; 0 or less is none.
func (c *Conn) allow(timeout time.Duration) error {
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return errCut()
	}
	return wrapped(c.conn.SetWriteDeadline(deadline))
}

// Cut ends a write that is stuck, and fails those to come. It may be called from
// any goroutine at any time.
func (c *Conn) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	_ = c.conn.SetWriteDeadline(time.Unix(1, 0)) // a connection that is closed has no writes
}

func (c *Conn) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write to a parked connection: %w", err)
}

func errCut() error {
	return fmt.Errorf("write to a parked connection that was cut: %w", os.ErrDeadlineExceeded)
}

func errEnded() error {
	return fmt.Errorf("write to a parked connection that has ended: %w", net.ErrClosed)
}
