package park_test

import (
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/internal/park"
)

func TestAbort(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, true, nil)
		require.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
		conn.Abort()
		conn.Abort()
		conn.End(nil)
		require.ErrorIs(t, conn.Write([]byte("2"), time.Minute, nil), net.ErrClosed)
		got, _ := io.ReadAll(client)
		assert.Equal(t, "1\r\n1\r\n", string(got))
	})
}

func TestClientGone(t *testing.T) {
	cases := []struct {
		name  string
		leave func(t testing.TB, client net.Conn)
	}{
		{"closed", func(t testing.TB, client net.Conn) { require.NoError(t, client.Close()) }},
		{"closed below", func(t testing.TB, client net.Conn) { require.NoError(t, below(client).Close()) }},
		{"reset", reset},
		{"half", func(t testing.TB, client net.Conn) {
			require.NoError(t, below(client).(interface{ CloseWrite() error }).CloseWrite())
		}},
	}
	eachKind(t, func(t *testing.T, k kind) {
		for _, c := range cases {
			client, server := k.connect(t)
			var poller park.Poller
			gone := newCalls()
			conn := poller.Take(server, true, gone.call)
			require.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
			assert.Empty(t, gone)
			c.leave(t, client)
			<-gone
			conn.End(nil)
			if c.name == "half" {
				assert.Equal(t, "1\r\n1\r\n0\r\n\r\n", readAll(t, client))
			}
			poller.Close()
			assert.Empty(t, gone, "%s: called twice", c.name)
		}
	})
}

// The end of a client is seen behind what it has sent as well.
func TestClientGoneBehindBytes(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		var poller park.Poller
		defer poller.Close()
		gone := newCalls()
		conn := poller.Take(server, true, gone.call)
		_, err := client.Write(make([]byte, 1000))
		require.NoError(t, err)
		require.NoError(t, client.Close())
		<-gone
		conn.Abort()
	})
}

func TestClientGoneBefore(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		require.NoError(t, client.Close())
		var poller park.Poller
		defer poller.Close()
		gone := newCalls()
		conn := poller.Take(server, true, gone.call)
		<-gone
		conn.Abort()
	})
}

// Closing a connection with bytes that nobody has read would be a reset, which
// can overtake the last chunk.
func TestPipelinedBytesAreNoReset(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		for range 20 {
			client, server := k.connect(t)
			var poller park.Poller
			conn := poller.Take(server, true, nil)
			_, err := client.Write([]byte("GET /next HTTP/1.1\r\n\r\n"))
			require.NoError(t, err)
			require.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
			conn.End(nil)
			half := make([]byte, len("1\r\n1\r\n0\r\n\r\n"))
			_, err = io.ReadFull(client, half)
			require.NoError(t, err)
			assert.Equal(t, "1\r\n1\r\n0\r\n\r\n", string(half))
			if k.name != "wrapped" && k.name != "memory" {
				assert.Empty(t, readAll(t, client))
			}
			poller.Close()
		}
	})
}

// The other direction stays open for half a second, so that no reset overtakes
// the last chunk, unless the Poller is closed.
func TestLingering(t *testing.T) {
	cases := []struct {
		name  string
		close func(*park.Poller)
		open  time.Duration
	}{
		{"to its end", func(*park.Poller) {}, 500 * time.Millisecond},
		{"until Close", (*park.Poller).Close, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := connectMemory(t)
				var poller park.Poller
				conn := poller.Take(server, true, nil)
				_, err := client.Write([]byte("GET /next HTTP/1.1\r\n\r\n"))
				require.NoError(t, err)
				synctest.Wait()
				begin := time.Now()
				conn.End(nil)
				assert.Equal(t, "0\r\n\r\n", readAll(t, client))
				assert.Zero(t, time.Since(begin))
				c.close(&poller)
				for {
					if _, err = client.Write([]byte("x")); err != nil {
						break
					}
					time.Sleep(10 * time.Millisecond)
					synctest.Wait()
				}
				assert.ErrorIs(t, err, syscall.EPIPE)
				assert.Equal(t, c.open, time.Since(begin))
				poller.Close()
			})
		})
	}
}

// An end waits for a moment for a client that takes nothing, be it the last
// chunk or what TLS says at its end.
func TestEndOfStuckClientTakesAMoment(t *testing.T) {
	const (
		buffer    = 4 << 10
		record    = 5 + 1 + 16 // what TLS 1.3 adds to a text
		lastChunk = 5
		alert     = 2
	)
	cases := []struct {
		name    string
		room    int // that is left in the buffer
		secured bool
		takes   time.Duration
	}{
		{"no room", 0, false, 100 * time.Millisecond},
		{"room for some of the last chunk", lastChunk - 1, false, 100 * time.Millisecond},
		{"room for all of it", lastChunk, false, 0},
		{"TLS, no room", 0, true, 100 * time.Millisecond},
		{"TLS, room for all of the last chunk", record + lastChunk, true, 100 * time.Millisecond},
		{"TLS, room for some of the alert", 2*record + lastChunk + alert - 1, true, 100 * time.Millisecond},
		{"TLS, room for both", 2*record + lastChunk + alert, true, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				connect := func(t testing.TB) (client, server net.Conn) {
					return connectMemory(t, memnet.Buffer(buffer))
				}
				if c.secured {
					connect = secure(connect)
				}
				client, server := connect(t)
				var poller park.Poller
				conn := poller.Take(server, true, nil)
				length := buffer - c.room - len("000\r\n\r\n")
				if c.secured {
					length -= record
				}
				require.NoError(t, conn.Write(make([]byte, length), time.Minute, nil))
				begin := time.Now()
				conn.End(nil)
				assert.Equal(t, c.takes, time.Since(begin))
				assert.ErrorIs(t, conn.Write([]byte("1"), time.Minute, nil), net.ErrClosed)
				_, _ = io.Copy(io.Discard, below(client))
				poller.Close()
			})
		})
	}
}

// When a connection has ended, nobody is told any more that its client has gone.
func TestEndsWaitForGone(t *testing.T) {
	cases := []struct {
		name  string
		leave func(client net.Conn, p *park.Poller)
	}{
		{"by the client", func(client net.Conn, _ *park.Poller) { client.Close() }},
		{"by Close", func(_ net.Conn, p *park.Poller) { p.Close() }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := connectMemory(t)
				var poller park.Poller
				told := make(chan struct{})
				conn := poller.Take(server, true, func() { <-told })
				go c.leave(client, &poller)
				synctest.Wait()
				ended := newCalls()
				go func() { conn.Abort(); ended.call() }()
				synctest.Wait()
				assert.Empty(t, ended)
				close(told)
				<-ended
				poller.Close()
			})
		})
	}
}
