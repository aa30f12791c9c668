package app

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"syscall"
)

// A hijackedConn is a connection that a handler has taken away from the server.
// It is known until it is closed, and notes the status that is sent on it. It
// can do all that the connection below can.
type hijackedConn struct {
	net.Conn

	of     *hijacks
	tell   func(cause error) // ends the context of the call that has taken it
	status atomic.Int32      // of the answer that was sent, or one of the constants below
}

// What is known of an answer that has no status.
const (
	statusAwaited int32 = 0  // what is written next begins with it
	statusNone    int32 = -1 // what was written is no answer of HTTP/1
)

// whole returns the connection with the method that only some have: whoever
// asserts it takes its absence for an answer.
func (c *hijackedConn) whole() net.Conn {
	if half, ok := c.Conn.(halfCloser); ok {
		return struct {
			*hijackedConn
			halfCloser
		}{c, half}
	}
	return c
}

type halfCloser interface{ CloseWrite() error }

func (c *hijackedConn) Close() error {
	defer c.of.remove(c)
	return c.Conn.Close()
}

func (c *hijackedConn) Write(p []byte) (int, error) {
	c.note(p)
	return c.Conn.Write(p)
}

// ReadFrom lets the connection below copy in the kernel, once the status is
// known.
func (c *hijackedConn) ReadFrom(r io.Reader) (int64, error) {
	if direct, ok := c.Conn.(io.ReaderFrom); ok && c.status.Load() != statusAwaited {
		return direct.ReadFrom(r)
	}
	return io.Copy(writerFunc(c.Write), r)
}

// WriteTo lets the connection below copy in the kernel.
func (c *hijackedConn) WriteTo(w io.Writer) (int64, error) {
	if direct, ok := c.Conn.(io.WriterTo); ok {
		return direct.WriteTo(w)
	}
	return io.Copy(w, struct{ io.Reader }{c.Conn})
}

// NetConn returns the connection below, as that of a *tls.Conn does. One that
// is closed there stays known.
func (c *hijackedConn) NetConn() net.Conn { return c.Conn }

// SyscallConn returns the connection below as the system knows it.
func (c *hijackedConn) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// note notes the status of the answer that begins with p, if none is known.
func (c *hijackedConn) note(p []byte) {
	if len(p) == 0 || c.status.Load() != statusAwaited {
		return
	}
	status := statusNone
	if line, ok := bytes.CutPrefix(p, []byte("HTTP/1.")); ok && len(line) >= 5 {
		if number, err := strconv.ParseUint(string(line[2:5]), 10, 16); err == nil {
			status = int32(number)
		}
	}
	if status == statusNone || isStatus(int(status)) { // hints come before the answer
		c.status.CompareAndSwap(statusAwaited, status)
	}
}
