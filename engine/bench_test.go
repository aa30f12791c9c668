package engine_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// exchange sends one request after another over one connection and reads the answers, without a client's work. The first
// answer tells how long each is.
func exchange(tb testing.TB, listener *memnet.Listener) func() {
	tb.Helper()
	conn, err := listener.Dial(tb.Context())
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	request := []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	_, err = conn.Write(request)
	require.NoError(tb, err)
	first := make([]byte, 4<<10)
	length, err := io.ReadAtLeast(conn, first, 100)
	require.NoError(tb, err)
	answer := first[:length]
	return func() {
		if _, err := conn.Write(request); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			tb.Fatal(err)
		}
	}
}

// TestServerAddsNoAllocations compares a server with a bare http.Server that serves the same application.
func TestServerAddsNoAllocations(t *testing.T) {
	server, listener := start(t, answer(hello))
	bareListener := memnet.Listen()
	bare := &http.Server{Handler: server.Application(), BaseContext: func(net.Listener) context.Context { return server.Application().Context() }}
	go func() { _ = bare.Serve(bareListener) }()
	t.Cleanup(func() { _ = bare.Close() })

	assert.LessOrEqual(t, perExchange(t, listener), perExchange(t, bareListener))
}

// perExchange returns how many allocations an exchange takes, rounded to the nearest: what the server does when the client has
// the answer already may fall before the count or behind it.
func perExchange(t *testing.T, listener *memnet.Listener) uint64 {
	t.Helper()
	const runs = 500
	roundTrip := exchange(t, listener)
	roundTrip()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		roundTrip()
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs + runs/2) / runs
}

func BenchmarkKeepAlive(b *testing.B) {
	listener := memnet.Listen()
	server := engine.EmbeddedServer(answer(hello), engine.Listener(listener), quiet)
	require.NoError(b, server.Start(b.Context()))
	b.Cleanup(func() { _ = server.Stop(context.Background()) })
	roundTrip := exchange(b, listener)
	b.ReportAllocs()
	for b.Loop() {
		roundTrip()
	}
}
