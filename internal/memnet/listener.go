package memnet

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
)

const network = "memory"

// DefaultBuffer is the number of bytes that a connection holds in each
// direction unless [Buffer] says otherwise.
const DefaultBuffer = 64 << 10

// Option changes how [Listen] sets up a Listener. It is no function, so that it
// cannot be nil. The zero Option changes nothing.
type Option struct{ buffer int }

// Buffer sets how many bytes a connection holds in each direction before Write
// blocks. 0 or less means [DefaultBuffer]: a connection cannot hold without
// limit. Memory is allocated as it is needed, up to this limit.
func Buffer(bytes int) Option { return Option{bytes} }

// Listener is a [net.Listener] that is dialled through its own methods. [Listen]
// makes it; the zero Listener is of no use. All methods may be called
// concurrently. The caller of Listen closes it, or the server that it is given
// to.
type Listener struct {
	buffer int
	dialed atomic.Uint32
	accept chan *Conn
	closed chan struct{}
	once   sync.Once
}

// Listen returns an open Listener. It cannot fail. All Listeners have the same
// address, and are independent of one another.
func Listen(options ...Option) *Listener {
	l := &Listener{buffer: DefaultBuffer, accept: make(chan *Conn), closed: make(chan struct{})}
	for _, option := range options {
		if option.buffer > 0 {
			l.buffer = option.buffer
		}
	}
	return l
}

// Accept waits for the next Dial and returns the server's end of the
// connection, a [*Conn]. Once the Listener is closed it fails with
// [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accept:
		return conn, nil
	case <-l.closed:
		return nil, l.fail("accept", net.ErrClosed)
	}
}

// Dial waits until the connection is accepted and returns the client's end, a
// [*Conn]. It fails with the error of ctx when that ends first, and with
// [syscall.ECONNREFUSED] when the Listener is closed. Ending ctx later does not
// touch the connection. In a synctest bubble, ctx has to come from the bubble
// or never end, or else the wait does not let time pass.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, l.fail("dial", err)
	}
	client, server := newConns(clientAddr(l.dialed.Add(1)-1), serverAddr(), l.buffer)
	select {
	case l.accept <- server:
		return client, nil
	case <-l.closed:
		return nil, l.fail("dial", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, l.fail("dial", ctx.Err())
	}
}

// DialContext is [Listener.Dial] for the field of that name in
// [net/http.Transport]: every network and address leads to this Listener.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}

// Close ends waiting and later calls of Accept with [net.ErrClosed] and those
// of Dial with [syscall.ECONNREFUSED]. Connections that were accepted stay
// open. A second Close fails with [net.ErrClosed].
func (l *Listener) Close() error {
	err := l.fail("close", net.ErrClosed)
	l.once.Do(func() {
		close(l.closed)
		err = nil
	})
	return err
}

// Addr returns the server's address, 192.0.2.1:80 on the network "memory".
// Clients get addresses of the same documentation range (RFC 5737),
// 192.0.2.2:1024 and up, each for one Dial.
func (l *Listener) Addr() net.Addr { return serverAddr() }

func (l *Listener) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: network, Addr: serverAddr(), Err: err}
}

// addr looks like a TCP address, so that code that parses Request.RemoteAddr
// works.
type addr struct{ netip.AddrPort }

func (addr) Network() string { return network }

func serverAddr() addr {
	return addr{netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), 80)}
}

// clientAddr returns the address of the n-th client. They are spread over the
// unprivileged ports of the hosts 2 to 254: the first 16 million are unique.
func clientAddr(n uint32) addr {
	const firstPort, ports, firstHost, hosts = 1024, 1<<16 - 1024, 2, 253
	host := netip.AddrFrom4([4]byte{192, 0, 2, byte(firstHost + n/ports%hosts)})
	return addr{netip.AddrPortFrom(host, uint16(firstPort+n%ports))}
}
