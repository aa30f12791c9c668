package serve_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// connections is how many clients send requests at once, each on one connection
// that is kept alive.
const connections = 8

// BenchmarkLoopback measures whole requests over TCP. Run it several times with
// -count 1 to have the variants in turn.
func BenchmarkLoopback(b *testing.B) {
	for name, handler := range variants(b) {
		b.Run(name, func(b *testing.B) { loopback(b, handler) })
	}
}

func loopback(b *testing.B, handler http.Handler) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	server := &http.Server{Handler: handler}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	defer running.Wait()
	defer server.Close()

	clients := make([]*client, connections)
	for i := range clients {
		clients[i] = dial(b, listener.Addr().String())
	}
	b.ReportAllocs()
	b.ResetTimer()
	var asking sync.WaitGroup
	failures := make([]error, connections)
	for i, client := range clients {
		share := b.N / connections
		if i < b.N%connections {
			share++
		}
		asking.Go(func() {
			for range share {
				if failures[i] = client.ask(); failures[i] != nil {
					return
				}
			}
		})
	}
	asking.Wait()
	b.StopTimer()
	for i, client := range clients {
		require.NoError(b, failures[i])
		require.NoError(b, client.conn.Close())
	}
}

// client requests /hello again and again and allocates nothing.
type client struct {
	conn   net.Conn
	reader *bufio.Reader
}

func dial(b *testing.B, address string) *client {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(b, err)
	return &client{conn, bufio.NewReader(conn)}
}

var question = []byte("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")

func (c *client) ask() error {
	if _, err := c.conn.Write(question); err != nil {
		return err
	}
	length := 0
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if text, found := cutPrefix(line, "Content-Length: "); found {
			if length, err = strconv.Atoi(text); err != nil {
				return err
			}
		}
	}
	if length != len(text) {
		return io.ErrUnexpectedEOF
	}
	_, err := c.reader.Discard(length)
	return err
}

func cutPrefix(line []byte, prefix string) (string, bool) {
	if len(line) < len(prefix)+2 || string(line[:len(prefix)]) != prefix {
		return "", false
	}
	return string(line[len(prefix) : len(line)-2]), true
}
