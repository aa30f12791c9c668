package park_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		conn.End()
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
			conn.End()
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
			conn.End()
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
