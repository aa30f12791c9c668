package engine_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

// From linux/tcp.h, for every architecture.
const (
	tcpUserTimeout  = 18
	tcpNotSentLowat = 25
)

// option returns an option of the socket of a server's connection, in whole
// numbers.
func option(t *testing.T, conn net.Conn, level, name int) int {
	t.Helper()
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	require.NoError(t, err)
	var value int
	var optionErr error
	require.NoError(t, raw.Control(func(fd uintptr) {
		value, optionErr = syscall.GetsockoptInt(int(fd), level, name)
	}))
	require.NoError(t, optionErr)
	return value
}

// accepted serves module with options, lets use do something with its address,
// and returns the server's connection, which is open.
func accepted(t *testing.T, module app.Module, use func(address string), options ...engine.Option) net.Conn {
	t.Helper()
	conns := make(chan net.Conn, 1)
	server := engine.EmbeddedServer(module, append(options, quiet, engine.HTTPServer(func(h *http.Server) {
		h.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
			conns <- conn
			return ctx
		}
	}))...)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	use(server.Addrs()[0].String())
	return <-conns
}

func connect(t *testing.T) func(string) {
	t.Helper()
	return func(address string) {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
	}
}

func TestSocketsNoticeClientsThatAreGone(t *testing.T) {
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	config := &tls.Config{Certificates: issued.TLS.Certificates}
	places := map[string]func() []engine.Option{
		"a port": func() []engine.Option { return []engine.Option{engine.Connector("127.0.0.1", 0)} },
		"TLS": func() []engine.Option {
			return []engine.Option{engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(config))}
		},
		"a listener": func() []engine.Option {
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)
			return []engine.Option{engine.Listener(listener)}
		},
		"a listener that speaks TLS": func() []engine.Option {
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)
			return []engine.Option{engine.Listener(tls.NewListener(listener, config))}
		},
	}
	for place, options := range places {
		for name, test := range map[string]struct {
			writeTimeout time.Duration
			want         int // in milliseconds
		}{
			"30 s":                  {30 * time.Second, 30_000},
			"a network may be slow": {time.Second, 25_000},
			"a minute":              {time.Minute, 60_000},
			"a year":                {365 * 24 * time.Hour, 1<<31 - 1},
			"none":                  {0, 0},
		} {
			t.Run(place+", "+name, func(t *testing.T) {
				conn := accepted(t, func(a *app.Application) {
					a.Configure(func(c *app.Config) { c.WriteTimeout = test.writeTimeout })
				}, connect(t), options()...)
				assert.Equal(t, test.want, option(t, conn, syscall.IPPROTO_TCP, tcpUserTimeout))
				assert.Equal(t, 128<<10, option(t, conn, syscall.IPPROTO_TCP, tcpNotSentLowat))
				assert.Equal(t, 1, option(t, conn, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE))
				assert.Equal(t, 15, option(t, conn, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE))
				assert.Equal(t, 5, option(t, conn, syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL))
				assert.Equal(t, 3, option(t, conn, syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT))
			})
		}
	}
}

// A listener below TLS and the server each say how long a client may take
// nothing, and so may a call: the longest counts.
func TestSocketsOfAListenerBelowTLS(t *testing.T) {
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	for name, test := range map[string]struct {
		below, server, call time.Duration
		want                int // in milliseconds
	}{
		"the listener's": {50 * time.Second, 40 * time.Second, 30 * time.Second, 50_000},
		"the server's":   {30 * time.Second, 50 * time.Second, 40 * time.Second, 50_000},
		"the call's":     {30 * time.Second, 40 * time.Second, 50 * time.Second, 50_000},
		"for ever":       {0, 40 * time.Second, 50 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)
			secure := tls.NewListener(engine.NewListener(inner, test.below), &tls.Config{Certificates: issued.TLS.Certificates})
			conn := accepted(t, func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.WriteTimeout = test.server })
				answer(func(c *app.Call) error { c.SetWriteTimeout(test.call); return nil })(a)
			}, func(address string) {
				client := issued.Client()
				t.Cleanup(client.CloseIdleConnections)
				response, err := client.Get("https://" + address)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
			}, engine.Listener(secure))
			assert.Equal(t, test.want, option(t, conn, syscall.IPPROTO_TCP, tcpUserTimeout))
		})
	}
}

// Whoever hijacks a connection may wait for its client. The application does
// not, and may still be told to.
func TestHijackedSocketsWaitForTheirClients(t *testing.T) {
	for name, test := range map[string]struct {
		afterwards time.Duration
		want       int // in milliseconds
	}{
		"hijacked":                             {time.Hour, 0},
		"detached":                             {time.Second, 30_000},
		"detached, and its client may be slow": {time.Hour, 3_600_000},
	} {
		t.Run(name, func(t *testing.T) {
			taken := make(chan struct{})
			take, _, _ := strings.Cut(name, ",")
			module := answer(func(c *app.Call) error {
				conn, err := takings[take](c)
				if err == nil {
					t.Cleanup(func() { _ = conn.Close() })
				}
				c.SetWriteTimeout(test.afterwards)
				close(taken)
				return err
			})
			conn := accepted(t, module, func(address string) {
				client, err := net.Dial("tcp", address)
				require.NoError(t, err)
				t.Cleanup(func() { _ = client.Close() })
				request(t, client, false)
			}, engine.Connector("127.0.0.1", 0))
			<-taken
			assert.Equal(t, test.want, option(t, conn, syscall.IPPROTO_TCP, tcpUserTimeout))
			assert.Equal(t, 1, option(t, conn, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE))
		})
	}
}

// A call that waits longer for its client than others do is not ended by its
// socket.
func TestSocketsWaitAsLongAsACall(t *testing.T) {
	for name, test := range map[string]struct {
		timeout time.Duration
		want    int // in milliseconds
	}{
		"longer":  {time.Minute, 60_000},
		"shorter": {time.Second, 30_000},
		"none":    {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			answered := make(chan struct{})
			module := answer(func(c *app.Call) error {
				defer close(answered)
				c.SetWriteTimeout(test.timeout)
				return nil
			})
			conn := accepted(t, module, func(address string) {
				client, err := net.Dial("tcp", address)
				require.NoError(t, err)
				t.Cleanup(func() { _ = client.Close() })
				request(t, client, false)
			}, engine.Connector("127.0.0.1", 0))
			<-answered
			assert.Equal(t, test.want, option(t, conn, syscall.IPPROTO_TCP, tcpUserTimeout))
		})
	}
}
