package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/chitor-go/chitor/bench/hubs"
)

const (
	opening     = 16     // streams that are opened at once
	perAddress  = 10_000 // clients of one address, which has some 28,000 ports
	addressOnly = 24     // IP_BIND_ADDRESS_NO_PORT: the port is chosen when the other end is known
)

// An order is what the process with the clients is to do, as a line of JSON. It
// answers with a line when that is done.
type order struct {
	Open  int    // open so many streams more, and read each up to Until
	Until string // without Open: read all streams up to this text
	Leave bool   // close all streams
}

// done is the answer.
const done = "done\n"

// A crowd is the clients.
type crowd struct {
	address string
	request string
	secure  bool
	conns   []net.Conn
	opened  int // with those that have left
}

// holdClients does what in says until that ends.
func (c *crowd) holdClients(ctx context.Context, in io.Reader, out io.Writer) error {
	defer c.leave()
	for orders := json.NewDecoder(in); ; {
		var o order
		switch err := orders.Decode(&o); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read an order: %w", err)
		}
		if err := c.obey(ctx, o); err != nil {
			return err
		}
		if _, err := io.WriteString(out, done); err != nil {
			return err
		}
	}
}

func (c *crowd) obey(ctx context.Context, o order) error {
	switch {
	case o.Leave:
		c.leave()
		return nil
	case o.Open > 0:
		return c.openAll(ctx, o.Open, o.Until)
	}
	for _, conn := range c.conns {
		if err := readUntil(conn, o.Until); err != nil {
			return err
		}
	}
	return nil
}

// openAll opens n streams more, a few at once.
func (c *crowd) openAll(ctx context.Context, n int, until string) error {
	conns, failures := make([]net.Conn, n), make([]error, n)
	var working sync.WaitGroup
	for worker := range opening {
		working.Go(func() {
			for i := worker; i < n; i += opening {
				conns[i], failures[i] = c.open(ctx, c.opened+i, until)
			}
		})
	}
	working.Wait()
	c.conns, c.opened = append(c.conns, conns...), c.opened+n
	return errors.Join(failures...)
}

// open opens one stream, from one of several loopback addresses.
func (c *crowd) open(ctx context.Context, number int, until string) (net.Conn, error) {
	dialer := net.Dialer{
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+number/perAddress))},
		Control: func(_, _ string, raw syscall.RawConn) (err error) {
			failed := raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, addressOnly, 1) })
			return errors.Join(failed, err)
		},
	}
	conn, err := dialer.DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, err
	}
	if c.secure {
		conn = tls.Client(conn, hubs.ClientSecurity())
	}
	if _, err := io.WriteString(conn, c.request); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, readUntil(conn, until)
}

func (c *crowd) leave() {
	for _, conn := range c.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
	c.conns = nil
}

// readUntil reads up to a text.
func readUntil(conn net.Conn, text string) error {
	var read []byte
	buffer := make([]byte, 1024)
	for !bytes.Contains(read, []byte(text)) {
		n, err := conn.Read(buffer)
		if err != nil {
			return fmt.Errorf("read an event stream: %w", err)
		}
		read = append(read, buffer[:n]...)
	}
	return nil
}
