package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// maxAnswer is how much a directory may answer a question with.
const maxAnswer = 1 << 20

// connect returns a connection that ends with the context. The caller closes it.
func (d *Directory) connect(ctx context.Context) (*goldap.Conn, error) {
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", d.address.hostPort)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	bounded := &boundedConn{Conn: raw, left: maxAnswer}
	// Whatever waits for the connection then waits no longer.
	bounded.stop = context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	var conn net.Conn = bounded
	if d.address.tls {
		secure := tls.Client(bounded, d.config.tlsConfig(d.address.host))
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("begin TLS: %w", err), bounded.Close())
		}
		conn = secure
	}
	client := goldap.NewConn(conn, d.address.tls)
	client.Start()
	if !d.address.tls && d.config.Security == StartTLS {
		if err := client.StartTLS(d.config.tlsConfig(d.address.host)); err != nil {
			_ = client.Close()
			return nil, fmt.Errorf("start TLS: %w", withoutText(err))
		}
	}
	return client, nil
}

// A boundedConn reads so much and no more.
type boundedConn struct {
	net.Conn

	left int // read by one goroutine at a time
	stop func() bool
}

var errTooMuch = errors.New("the directory answers more than 1 MiB")

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooMuch
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func (c *boundedConn) Close() error {
	c.stop()
	return c.Conn.Close()
}
