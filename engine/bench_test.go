package engine_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// exchange sends one request after another over one connection and reads the
// answers, without a client's work. The first answer tells how long each is.
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
