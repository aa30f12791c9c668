package memnet

import (
	"io"
	"net"
	"syscall"
	"time"
)

// Conn is one end of a connection in memory. [Listener.Accept] and
// [Listener.Dial] return it as a [net.Conn]; the zero Conn is of no use. All
// methods may be called concurrently, and the bytes of two Writes never
// interleave. Each end is closed by its owner. Every error but [io.EOF] is a
// [*net.OpError] that wraps the one that is named here.
type Conn struct {
	in, out       *pipe
	local, remote addr
}

func newConns(client, server addr, buffer int) (*Conn, *Conn) {
	up, down := newPipe(buffer), newPipe(buffer)
	return &Conn{in: down, out: up, local: client, remote: server}, &Conn{in: up, out: down, local: server, remote: client}
}

// Read waits for at least one byte and reads what fits into b. It fails
// with [io.EOF] when the peer has ended its direction and all its bytes are
// read, [os.ErrDeadlineExceeded], [syscall.ECONNRESET] after the peer's
// [Conn.Reset], and [net.ErrClosed] after an own Close. With an empty b it
// never waits.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	return n, c.wrap("read", err)
}

// Write puts b into the buffer and waits for room as often as needed; with an
// error it returns how many bytes it has put in. It fails with
// [os.ErrDeadlineExceeded], [syscall.EPIPE] when the peer is closed or after an
// own CloseWrite, [syscall.ECONNRESET] after the peer's [Conn.Reset], and
// [net.ErrClosed] after an own Close. With an empty b it never waits. A Write
// that succeeds does not mean that the peer reads.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	return n, c.wrap("write", err)
}

// Close ends both directions. Own calls, blocked ones too, fail with
// [net.ErrClosed], as does a second Close. The peer reads what is buffered and
// then [io.EOF]; its writes fail with [syscall.EPIPE].
func (c *Conn) Close() error { return c.end("close", io.EOF, syscall.EPIPE) }

// Reset breaks the connection as a client that is lost does, or a TCP connection
// with SO_LINGER zero: the peer's reads and writes, blocked ones too, fail with
// [syscall.ECONNRESET], and what is buffered is lost. For the own end it is a
// Close.
func (c *Conn) Reset() error { return c.end("reset", syscall.ECONNRESET, syscall.ECONNRESET) }

// CloseWrite ends the own direction: the peer reads what is buffered and then
// [io.EOF], own writes fail with [syscall.EPIPE], and reading goes on. A second
// call changes nothing; after Close it fails with [net.ErrClosed].
func (c *Conn) CloseWrite() error { return c.wrap("close", c.out.endWrite(syscall.EPIPE, io.EOF)) }

// LocalAddr returns the address of this end: a host and a port, on the network
// "memory".
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline is SetReadDeadline and SetWriteDeadline in one.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline makes Read, a blocked one too, fail with
// [os.ErrDeadlineExceeded] from t on. A t in the past takes effect at once; a
// later t or the zero Time, which means never, makes the Conn readable again.
// It fails only with [net.ErrClosed], after an own Close.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.wrap("set", c.in.setDeadline(&c.in.reader, t))
}

// SetWriteDeadline does for Write what SetReadDeadline does for Read.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.wrap("set", c.out.setDeadline(&c.out.writer, t))
}

// end is Close and Reset. The first of them decides what the peer gets.
func (c *Conn) end(op string, peerReads, peerWrites error) error {
	err := c.in.endRead(peerWrites)
	if err == nil {
		err = c.out.endWrite(net.ErrClosed, peerReads)
	}
	return c.wrap(op, err)
}

func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: c.local, Addr: c.remote, Err: err}
}
