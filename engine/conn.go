package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A conn is an accepted connection whose deadline for writing bounds the silence
// of its client and not the time of a write. A deadline that passes is renewed
// if the write has taken at least a byte, as net/http does for HTTP/2. That must
// happen here: above, net/http's buffer and crypto/tls keep the first error of
// a write for ever.
//
// A deadline in the past is never renewed: with it a call ends a write that is
// stuck. Neither is one of whoever has hijacked the connection, unless that is
// the application itself.
//
// A write without a deadline gets one: net/http sets none for what it writes by
// itself, such as 100 Continue and the 400 for what is no request, and its client
// may have left no room for that.
//
// There may be a million of them, most of them parked: what all have in common
// is in limits, and the order of the fields leaves no gaps.
type conn struct {
	net.Conn
	outer context.Context //nolint:containedctx // that of the server, which its own is made of
	guest

	limit    time.Duration // how far off the deadline was when it was set; 0 if it is not renewed
	patience time.Duration // how long a write without a deadline may take nothing; 0 for ever
	renewed  time.Duration // when a deadline was renewed, since limits.began; 0 if none was
	mu       sync.Mutex    // guards the three above and below, and orders the deadlines
	deadline deadlineKind  // which one there is for writing
	holder   holder
	closed   bool

	slot bool // it has one of limits, and is a guest of them
	record
}

// A deadlineKind says whose deadline for writing stands.
type deadlineKind uint8

const (
	noDeadline  deadlineKind = iota
	setDeadline              // by whoever writes
	ownDeadline              // by the connection, for one write
)

// A holder says whom a connection belongs to.
type holder uint8

const (
	serverHolds      holder = iota
	serverGives             // the application takes it over next
	applicationHolds        // for a response that goes on
	strangerHolds           // whoever has hijacked it
)

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
	}
	return n, err
}

func (c *conn) Write(p []byte) (n int, err error) {
	defer c.unguard(c.guard())
	for {
		written, err := c.Conn.Write(p[n:])
		n += written
		if !c.renews(int64(written), err) {
			return n, err
		}
	}
}

// ReadFrom sends what r has. Files are not copied if the system can do without.
// Nothing else takes that way under a deadline: what it has read by then and not
// written would be lost.
func (c *conn) ReadFrom(r io.Reader) (n int64, err error) {
	direct, able := c.Conn.(io.ReaderFrom)
	if able && !c.limited() {
		return direct.ReadFrom(r)
	}
	file, isFile := fileBehind(r)
	if !able || !isFile {
		return io.Copy(struct{ io.Writer }{c}, r)
	}
	for {
		left := file.N
		sent, err := direct.ReadFrom(file)
		n += sent
		if left-file.N != sent || !c.renews(sent, err) {
			return n, err
		}
	}
}

// connBelow returns the conn of a connection, which may speak TLS, or nil.
func connBelow(served net.Conn) *conn {
	for {
		switch layer := served.(type) {
		case *conn:
			return layer
		case interface{ NetConn() net.Conn }:
			served = layer.NetConn()
		default:
			return nil
		}
	}
}

// cut gives a connection a deadline for writing that is not renewed. One that is
// gone has no writes.
func cut(served net.Conn, at time.Time) {
	below := connBelow(served)
	if below == nil {
		_ = served.SetWriteDeadline(at)
		return
	}
	below.mu.Lock()
	defer below.mu.Unlock()
	below.deadline, below.limit = setDeadline, 0
	_ = below.Conn.SetWriteDeadline(at)
}

// fileBehind returns what is to be read of a file, and whether r is that.
func fileBehind(r io.Reader) (*io.LimitedReader, bool) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	// A type assertion to *os.File would miss the type that io.Copy hides it in.
	_, file := limited.R.(interface{ Stat() (fs.FileInfo, error) })
	return limited, file
}

// guard gives a write a deadline if nothing has set one, and reports whether.
func (c *conn) guard() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deadline != noDeadline || c.holder == strangerHolds || c.patience == 0 {
		return false
	}
	c.deadline, c.limit = ownDeadline, c.patience
	// A connection that is gone fails the write that follows.
	_ = c.Conn.SetWriteDeadline(time.Now().Add(c.patience))
	return true
}

// unguard takes the deadline of a write away, unless another one was set.
func (c *conn) unguard(guarded bool) {
	if !guarded {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deadline == ownDeadline {
		c.deadline, c.limit = noDeadline, 0
		_ = c.Conn.SetWriteDeadline(time.Time{})
	}
}

// renews reports whether a write that has taken some bytes before it failed may
// go on, under a new deadline.
func (c *conn) renews(written int64, err error) bool {
	if written == 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit == 0 {
		return false
	}
	now := time.Now()
	c.renewed = now.Sub(c.of.began)
	return c.Conn.SetWriteDeadline(now.Add(c.limit)) == nil
}

// TakenAt implements [wire.Connection].
func (c *conn) TakenAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.renewed == 0 {
		return time.Time{}
	}
	return c.of.began.Add(c.renewed)
}

// Allow implements [wire.Connection]. The socket may serve other calls, so it is
// never told of a shorter time.
func (c *conn) Allow(timeout time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := silence(c.patience)
	switch {
	case c.holder == strangerHolds || c.patience == 0:
		return
	case timeout <= 0:
		c.patience = 0
	default:
		c.patience = max(c.patience, timeout)
	}
	if socket := socketBelow(c.Conn); socket != nil && silence(c.patience) != before {
		setUserTimeout(socket, silence(c.patience))
	}
}

func (c *conn) limited() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limit > 0
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteDeadline(t)
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline is what net/http's server calls when the connection is hijacked,
// and at no other time. From then on it is a connection like any other, or that
// of the application.
func (c *conn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holder < applicationHolds {
		c.give()
	}
	c.noteDeadline(t)
	return c.Conn.SetDeadline(t)
}

// noteDeadline notes a deadline for writing. Its caller holds mu, as that of give.
func (c *conn) noteDeadline(t time.Time) {
	c.deadline, c.limit = noDeadline, 0
	if t.IsZero() {
		return
	}
	c.deadline = setDeadline
	if c.holder != strangerHolds {
		// Not shorter than what was asked for a moment ago.
		c.limit = (max(time.Until(t), 0) + time.Millisecond - 1).Truncate(time.Millisecond)
	}
}

// give notes that the server has given the connection away.
func (c *conn) give() {
	if !c.closed {
		c.of.hijacked.Add(1)
	}
	if c.holder == serverGives {
		c.holder = applicationHolds
		return
	}
	c.holder = strangerHolds
	if socket := socketBelow(c.Conn); socket != nil {
		setUserTimeout(socket, 0) // its owner may let a client read when it likes
	}
}

// Detach implements [wire.Connection].
func (c *conn) Detach() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holder == serverHolds {
		c.holder = serverGives
	}
}

// keep takes a Detach back that nothing has followed.
func (c *conn) keep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holder == serverGives {
		c.holder = serverHolds
	}
}

// Close closes the connection below, and makes room for another one.
func (c *conn) Close() error {
	c.mu.Lock()
	leaves := !c.closed
	c.closed = true
	hijacked := c.holder >= applicationHolds
	c.mu.Unlock()
	if leaves {
		defer c.of.leave(c, hijacked)
	}
	return c.Conn.Close()
}

// isFile reports whether the connection takes one of the files that the process
// may have open.
func (c *conn) isFile() bool {
	_, ok := c.Conn.(syscall.Conn)
	return ok
}

// NetConn returns the connection below, as that of crypto/tls does.
func (c *conn) NetConn() net.Conn { return c.Conn }

// SyscallConn returns the socket below.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if below, ok := c.Conn.(syscall.Conn); ok {
		return below.SyscallConn()
	}
	return nil, fmt.Errorf("socket of %T: %w", c.Conn, errors.ErrUnsupported)
}

// CloseWrite ends the direction to the client.
func (c *conn) CloseWrite() error {
	if below, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return below.CloseWrite()
	}
	return fmt.Errorf("close the writing end of %T: %w", c.Conn, errors.ErrUnsupported)
}
