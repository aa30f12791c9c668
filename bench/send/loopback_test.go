package send_test

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/bench/turns"
)

// openLoopback opens a stream over HTTP/1.1 and TCP, whose client reads without
// allocating, and returns a function that sends on it.
func openLoopback(t testing.TB, serve variant, data string) (send func() error) {
	t.Helper()
	senders := make(chan func() error, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: serve(t, data, senders)}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	running.Go(func() {
		buffer := make([]byte, 64<<10)
		for {
			if _, err := conn.Read(buffer); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		assert.NoError(t, conn.Close())
		assert.NoError(t, server.Close())
		running.Wait()
	})
	_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	return <-senders
}

// BenchmarkSendLoopback sends an event to a client over TCP, system calls
// included.
func BenchmarkSendLoopback(b *testing.B) {
	operations := map[string]func(){}
	for name, variant := range variants() {
		send := openLoopback(b, variant, short())
		operations[name] = func() {
			if err := send(); err != nil {
				b.Error(err)
			}
		}
	}
	turns.Benchmark(b, operations)
}
