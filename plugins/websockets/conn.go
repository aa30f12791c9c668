package websockets

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// pieceLength is how much is written under one deadline. That a piece is written
// means that the client has taken most of what came before it.
const pieceLength = 32 << 10

// A conn is the connection of a session below its frames. It gives every piece
// that is written a deadline, and knows what has become of it: the library above
// closes it for many reasons, and names none.
//
// Reading and writing are done by one goroutine each at a time.
type conn struct {
	net.Conn

	timeout time.Duration // for a piece; nothing positive sets no limit
	opened  time.Time

	heard   atomic.Int64 // when something last came, in nanoseconds after opened
	writing atomic.Bool  // whether something is on its way
	taken   atomic.Int64 // when something was last taken, in nanoseconds after opened
	lost    atomic.Pointer[lossError]
}

// A lossError is why a connection is of no use any more.
type lossError struct{ cause error }

func newConn(taken net.Conn, timeout time.Duration) *conn {
	return &conn{Conn: taken, timeout: timeout, opened: time.Now()}
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(int64(time.Since(c.opened)))
	}
	if err != nil {
		c.lose(ErrClientGone)
	}
	return n, err
}

// Write writes p. A client that reads slowly but steadily is never cut off: a
// deadline that has passed is renewed if a byte was taken meanwhile.
func (c *conn) Write(p []byte) (int, error) {
	c.writing.Store(true)
	defer c.writing.Store(false)
	written := 0
	for written < len(p) {
		n, err := c.writePiece(p[written:min(len(p), written+pieceLength)])
		written += n
		switch {
		case err == nil, n > 0 && errors.Is(err, os.ErrDeadlineExceeded):
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.lose(ErrWriteTimeout)
			return written, err
		default:
			c.lose(ErrClientGone)
			return written, err
		}
	}
	return written, nil
}

func (c *conn) writePiece(piece []byte) (int, error) {
	if c.timeout > 0 {
		// A connection that is gone fails the write that follows.
		_ = c.SetWriteDeadline(time.Now().Add(c.timeout))
	}
	n, err := c.Conn.Write(piece)
	if n > 0 {
		c.taken.Store(int64(time.Since(c.opened)))
	}
	return n, err
}

// takenAt returns when the client has last taken something.
func (c *conn) takenAt() time.Time { return c.opened.Add(time.Duration(c.taken.Load())) }

// Close is called by the library above: at the end of the session, and when a
// control frame was on its way for too long.
func (c *conn) Close() error {
	c.givenUp()
	return c.Conn.Close()
}

// givenUp notes that the library gives the connection up.
func (c *conn) givenUp() {
	if c.writing.Load() {
		c.lose(ErrWriteTimeout)
	}
	c.lose(ErrClientGone)
}

// controlTimeout is how long the library lets a control frame be on its way.
const controlTimeout = 5 * time.Second

// lose notes why the connection is of no use any more, unless that is known.
func (c *conn) lose(cause error) { c.lost.CompareAndSwap(nil, &lossError{cause}) }

// loss returns why the connection is of no use any more, nil if it is.
func (c *conn) loss() error {
	if lost := c.lost.Load(); lost != nil {
		return lost.cause
	}
	return nil
}

// heardAt returns how long after the beginning something last came.
func (c *conn) heardAt() time.Duration { return time.Duration(c.heard.Load()) }

// cut closes the connection below all layers, at once: TLS would wait for a
// client that does not read.
func (c *conn) cut() {
	lowest := c.Conn
	for {
		layer, ok := lowest.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		lowest = layer.NetConn()
	}
	_ = lowest.Close()
}
