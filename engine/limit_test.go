package engine_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// isServed asserts that the connection is answered, or not yet.
func isServed(t *testing.T, conn net.Conn, served bool) {
	t.Helper()
	synctest.Wait()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Second)))
	n, err := conn.Read(make([]byte, 1000))
	if !served {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		return
	}
	require.NoError(t, err)
	require.Positive(t, n)
}

func logTo(log io.Writer) engine.Option {
	return engine.Logger(slog.New(slog.NewTextHandler(log, nil)))
}

func TestMaxConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		server, listener := start(t, answer(hello), engine.MaxConnections(2), logTo(&log))
		var conns []net.Conn
		for i := range 3 {
			conns = append(conns, dial(t, listener))
			request(t, conns[i], false)
			isServed(t, conns[i], i < 2)
		}
		require.Equal(t, engine.Stats{Idle: 2, Accepted: 3, Waited: 1}, server.Stats())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := listener.Dial(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "no other is accepted")
		require.NoError(t, conns[0].Close())
		isServed(t, conns[2], true)
		require.Equal(t, engine.Stats{Idle: 2, Accepted: 3, Waited: 1}, server.Stats())
		conns = append(conns, dial(t, listener))
		request(t, conns[3], false)
		isServed(t, conns[3], false)
		require.NoError(t, conns[2].Close())
		isServed(t, conns[3], true)
		require.NoError(t, server.Stop(t.Context()))
		require.Equal(t, 1, strings.Count(log.String(), "as many connections as it may"))
		require.Contains(t, log.String(), "more wait\" limit=2")
	})
}

// A connection that a handler has taken over is open, whatever net/http knows.
func TestHijackedConnectionsCountUntilTheyAreClosed(t *testing.T) {
	for name, take := range takings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				taken := make(chan net.Conn, 1)
				server, listener := start(t, answer(func(c *app.Call) error {
					if c.Request.URL.Path == "/" && len(taken) > 0 {
						return hello(c)
					}
					conn, err := take(c)
					taken <- conn
					return err
				}), engine.MaxConnections(1))
				request(t, dial(t, listener), false)
				synctest.Wait()
				second := dial(t, listener)
				request(t, second, false)
				isServed(t, second, false)
				require.Equal(t, engine.Stats{Hijacked: 1, Accepted: 2, Waited: 1}, server.Stats())
				conn := <-taken
				taken <- conn
				require.NoError(t, conn.Close())
				_ = conn.Close() // a second time changes nothing
				isServed(t, second, true)
				require.Equal(t, engine.Stats{Idle: 1, Accepted: 2, Waited: 1}, server.Stats())
			})
		})
	}
}

func TestHijackedConnectionsCountForTheirClient(t *testing.T) {
	for name, take := range takings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				taken := make(chan net.Conn, 2)
				server, listener := start(t, answer(func(c *app.Call) error {
					conn, err := take(c)
					taken <- conn
					return err
				}), engine.MaxConnectionsPerClient(1))
				request(t, dial(t, listener), false)
				conn := <-taken
				_, err := dial(t, listener).Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
				require.Equal(t, engine.Stats{Hijacked: 1, Accepted: 1, Refused: 1}, server.Stats())
				require.NoError(t, conn.Close())
				request(t, dial(t, listener), false)
				require.NoError(t, (<-taken).Close())
				require.Equal(t, engine.Stats{Accepted: 2, Refused: 1}, server.Stats())
			})
		})
	}
}

func TestStopDoesNotWaitForConnectionsBeyondTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, listener := start(t, answer(hello), engine.MaxConnections(1))
		request(t, dial(t, listener), false)
		second := dial(t, listener)
		synctest.Wait()
		began := time.Now()
		require.NoError(t, server.Stop(t.Context()))
		require.Zero(t, time.Since(began))
		_, err := second.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
	})
}

// Two connectors with one connection between them: neither keeps it for itself.
func TestMaxConnectionsIsForAllConnectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := memnet.Listen()
		_, listener := start(t, answer(hello), engine.Listener(other), engine.MaxConnections(1))
		for _, l := range []*memnet.Listener{listener, other, listener} {
			conn := dial(t, l)
			request(t, conn, false)
			isServed(t, conn, true)
			require.NoError(t, conn.Close())
		}
	})
}

func TestNoLimitOfConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, listener := start(t, answer(hello), engine.MaxConnections(1), engine.MaxConnections(0), engine.MaxConnectionsPerClient(0))
		for range 100 {
			dial(t, listener)
		}
		synctest.Wait()
		require.Equal(t, engine.Stats{New: 100, Accepted: 100}, server.Stats())
	})
}

// from is a network whose clients have the addresses that are given, in turn.
type from struct {
	*memnet.Listener
	addresses []string
	next      atomic.Int32
}

func (f *from) Accept() (net.Conn, error) {
	conn, err := f.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &fromConn{conn, f.addresses[f.next.Add(1)-1]}, nil
}

type fromConn struct {
	net.Conn
	address string
}

func (c *fromConn) RemoteAddr() net.Addr {
	if at, err := netip.ParseAddrPort(c.address); err == nil {
		return net.TCPAddrFromAddrPort(at)
	}
	return &net.UnixAddr{Name: c.address, Net: "unix"}
}

func TestMaxConnectionsPerClient(t *testing.T) {
	for name, test := range map[string]struct {
		addresses []string
		refused   []int
	}{
		"one address":          {[]string{"192.0.2.7:1", "192.0.2.7:2", "192.0.2.7:3", "192.0.2.7:4"}, []int{2, 3}},
		"several":              {[]string{"192.0.2.7:1", "192.0.2.7:2", "192.0.2.8:1", "192.0.2.9:1"}, nil},
		"64 bits of IPv6":      {[]string{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::ffff:3]:1", "[2001:db8:0:1::1]:1"}, []int{2}},
		"IPv4 in IPv6":         {[]string{"192.0.2.7:1", "[::ffff:192.0.2.7]:2", "[::ffff:192.0.2.7]:3", "[::ffff:192.0.2.8]:3"}, []int{2}},
		"a zone":               {[]string{"[fe80::1%eth0]:1", "[fe80::1%eth0]:2", "[fe80::2%eth0]:3"}, []int{2}},
		"no address of the IP": {[]string{"@", "@", "@"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				memory := memnet.Listen()
				server := engine.EmbeddedServer(answer(hello), engine.Listener(&from{Listener: memory, addresses: append(test.addresses, test.addresses...)}),
					logTo(&log), engine.MaxConnectionsPerClient(2))
				require.NoError(t, server.Start(t.Context()))
				t.Cleanup(func() { _ = server.Stop(context.Background()) })
				for range 2 { // when all are closed, there is room again
					var conns []net.Conn
					var refused []int
					for i := range test.addresses {
						conn := dial(t, memory)
						conns = append(conns, conn)
						synctest.Wait()
						_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
						if _, readErr := conn.Read(make([]byte, 1000)); err != nil || readErr != nil {
							refused = append(refused, i)
						}
					}
					require.Equal(t, test.refused, refused)
					for _, conn := range conns {
						_ = conn.Close()
					}
					synctest.Wait()
				}
				require.EqualValues(t, 2*len(test.refused), server.Stats().Refused)
				require.NoError(t, server.Stop(t.Context()))
				require.Equal(t, min(len(test.refused), 1), strings.Count(log.String(), "a client has as many connections"))
			})
		})
	}
}

func TestLimitsOfConnectionsThatAreNegative(t *testing.T) {
	server := engine.EmbeddedServer(answer(hello), quiet, engine.MaxConnections(-1), engine.MaxConnectionsPerClient(-2))
	err := server.Start(t.Context())
	require.ErrorContains(t, err, "maximum of connections: -1 is negative")
	require.ErrorContains(t, err, "maximum of connections for each client: -2 is negative")
	require.ErrorContains(t, err, "limit_test.go:")
}

// exhausted is a listener of a process that has too many files open for a while.
type exhausted struct {
	*memnet.Listener
	fails atomic.Int32
}

func (e *exhausted) Accept() (net.Conn, error) {
	if e.fails.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return e.Listener.Accept()
}

func TestServerLivesOnWhenThereAreTooManyFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		listener := &exhausted{Listener: memnet.Listen()}
		listener.fails.Store(20)
		server := engine.EmbeddedServer(answer(hello), engine.Listener(listener), logTo(&log))
		require.NoError(t, server.Start(t.Context()))
		conn := dial(t, listener.Listener)
		request(t, conn, false)
		time.Sleep(time.Minute) // net/http tries again after a second at most
		isServed(t, conn, true)
		require.NoError(t, server.Stop(t.Context()))
		require.NoError(t, server.Wait())
		require.Contains(t, log.String(), "level=WARN msg=\"http: Accept error: ")
	})
}

func TestStats(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	const headers = "\x00\x00\x0e\x01\x05\x00\x00\x00\x01" + "\x82\x84\x86\x01\x09localhost"
	cases := []struct {
		name string
		send string       // a "|" stands where the client reads what there is
		want engine.Stats // when the connection is closed
	}{
		{"nothing", "", engine.Stats{Unused: 1}},
		{"a call", get, engine.Stats{}},
		{"several", get + get + get, engine.Stats{}},
		{"half a head", get[:20], engine.Stats{Unserved: 1}},
		{"a call and half a head", get + "|" + get[:20], engine.Stats{Unserved: 1}},
		{"400", "what is this\r\n\r\n", engine.Stats{Unserved: 1}},
		{"400, no host", "GET / HTTP/1.1\r\n\r\n", engine.Stats{Unserved: 1}},
		{"400 after a call", get + "|what is this\r\n\r\n", engine.Stats{Unserved: 1}},
		{"417", "GET / HTTP/1.1\r\nHost: localhost\r\nExpect: the worst\r\n\r\n", engine.Stats{Unserved: 1}},
		{"431", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n", engine.Stats{Unserved: 1}},
		{"501", "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: fancy\r\n\r\n", engine.Stats{Unserved: 1}},
		{"505", "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", engine.Stats{Unserved: 1}},
		{"404 is a call", "GET /404 HTTP/1.1\r\nHost: localhost\r\n\r\n", engine.Stats{}},
		{"HTTP/2, nothing", preface, engine.Stats{Unused: 1}},
		{"HTTP/2, a call", preface + headers, engine.Stats{}},
		{"HTTP/2, 400", preface + "\x00\x00\x0d\x01\x05\x00\x00\x00\x01" + "\x82\x84\x86\x40\x02te\x05wrong", engine.Stats{Unserved: 1}},
		{"HTTP/2, a rule is broken", preface + headers + "\x00\x00\x00\x00\x00\x00\x00\x00\x00", engine.Stats{HTTP2Errors: 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var kinds atomic.Int32
				server, listener := start(t, answer(hello), engine.HTTP2Cleartext(), engine.HTTPServer(func(h *http.Server) {
					h.HTTP2.CountError = func(string) { kinds.Add(1) }
				}))
				conn := dial(t, listener)
				go func() { _, _ = io.Copy(io.Discard, conn) }()
				for piece := range strings.SplitSeq(c.send, "|") {
					_, _ = io.WriteString(conn, piece) // the server may close it
					synctest.Wait()
				}
				require.NoError(t, conn.Close())
				time.Sleep(time.Minute)
				c.want.Accepted = 1
				require.Equal(t, c.want, server.Stats())
				require.EqualValues(t, c.want.HTTP2Errors, kinds.Load(), "the hook that there was")
				before := server.Stats()
				require.NoError(t, server.Stop(t.Context()))
				require.Equal(t, before, server.Stats())
			})
		})
	}
}

func TestStatsOfTLS(t *testing.T) {
	host := surroundings(t)["below TLS"]
	for name, test := range map[string]struct {
		send func(t *testing.T, raw, secure net.Conn)
		want engine.Stats
	}{
		"no handshake": {func(t *testing.T, raw, _ net.Conn) {
			t.Helper()
			_, err := io.WriteString(raw, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, raw)
			require.NoError(t, err)
		}, engine.Stats{Unused: 1}},
		"a call": {func(t *testing.T, _, secure net.Conn) {
			t.Helper()
			request(t, secure, false)
			_, err := secure.Read(make([]byte, 1000))
			require.NoError(t, err)
		}, engine.Stats{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory := memnet.Listen()
				listener, client := host(memory)
				server := engine.EmbeddedServer(answer(hello), quiet, engine.Listener(listener))
				require.NoError(t, server.Start(t.Context()))
				raw := dial(t, memory)
				test.send(t, raw, client(raw))
				require.NoError(t, raw.Close())
				synctest.Wait()
				test.want.Accepted = 1
				assert.Equal(t, test.want, server.Stats())
				require.NoError(t, server.Stop(t.Context()))
			})
		})
	}
}

// A handshake has the time of a head.
func TestHalfAHandshakeIsClosed(t *testing.T) {
	surround := surroundings(t)["below TLS"]
	synctest.Test(t, func(t *testing.T) {
		memory := memnet.Listen()
		listener, _ := surround(memory)
		server := engine.EmbeddedServer(answer(hello), quiet, engine.Listener(listener))
		require.NoError(t, server.Start(t.Context()))
		conn := dial(t, memory)
		_, err := io.WriteString(conn, "\x16\x03\x01\x02\x00\x01")
		require.NoError(t, err)
		began := time.Now()
		_, err = io.ReadAll(conn)
		require.NoError(t, err)
		require.Equal(t, 10*time.Second, time.Since(began))
		require.NoError(t, server.Stop(t.Context()))
		require.Equal(t, engine.Stats{Accepted: 1, Unused: 1}, server.Stats())
	})
}

// The default is for what takes files, which a network in memory does not.
func TestConnectionsInMemoryAreNotLimitedByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answer(hello))
		require.Equal(t, "hello", apptest.Text(t, host.Get("/")))
	})
}
