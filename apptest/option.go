package apptest

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// An Option changes how [Start] sets up a [Host].
type Option func(*settings)

type settings struct {
	http2    bool
	loopback bool
	buffer   int
	engine   []engine.Option
}

// HTTP1 makes the client speak HTTP/1.1, which is the default. It is there for tables of modes.
func HTTP1() Option {
	return func(s *settings) { s.http2 = false }
}

// H2C makes the client speak HTTP/2 without TLS, and the server listen to it (RFC 9113, section 3.3). Connections of
// [Host.Dial] may speak either.
func H2C() Option {
	return func(s *settings) { s.http2 = true }
}

// Buffer sets how many bytes the network holds in each direction of a connection, before who writes has to wait for who
// reads: 64 KiB by default, also for 0 or less. With [Loopback] the system decides.
func Buffer(bytes int) Option {
	return func(s *settings) { s.buffer = bytes }
}

// Loopback makes the host listen on a free port of 127.0.0.1. A socket knows nothing of fake time, so such a test cannot
// run in a synctest bubble; it is for the few that need the real thing.
func Loopback() Option {
	return func(s *settings) { s.loopback = true }
}

// Engine passes options on to the server, such as [engine.Development], [engine.ShutdownGrace], or an [engine.Logger] in
// place of the test's own log.
func Engine(options ...engine.Option) Option {
	return func(s *settings) { s.engine = append(s.engine, options...) }
}

// Run runs test as a subtest for each protocol that a server speaks, http1 and h2c. The mode is passed on to [Start].
// Bubbles have no subtests: synctest.Test goes inside.
func Run(t *testing.T, test func(t *testing.T, mode Option)) {
	t.Helper()
	t.Run("http1", func(t *testing.T) { test(t, HTTP1()) })
	t.Run("h2c", func(t *testing.T) { test(t, H2C()) })
}

// listen opens the network, and returns how to dial it and the URL of what listens.
func (s *settings) listen(ctx context.Context) (net.Listener, func(context.Context) (net.Conn, error), string, error) {
	if !s.loopback {
		listener := memnet.Listen(memnet.Buffer(s.buffer))
		return listener, listener.Dial, "http://localhost", nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, "", err
	}
	address := listener.Addr().String()
	dial := func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }
	return listener, dial, "http://" + address, nil
}

func (s *settings) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(!s.http2)
	p.SetUnencryptedHTTP2(s.http2)
	return p
}
