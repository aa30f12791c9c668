package websockets_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// A pipe is one end of a WebSocket: that of a session, or of the library alone.
type pipe interface {
	send(data []byte) error
	receive() (int, error)
}

type sessionPipe struct{ s *websockets.Session }

func (p sessionPipe) send(data []byte) error {
	return p.s.Send(websockets.Message{Kind: websockets.Text, Data: data})
}

func (p sessionPipe) receive() (int, error) {
	message, err := p.s.Receive()
	return len(message.Data), err
}

type barePipe struct{ conn *websocket.Conn }

func (p barePipe) send(data []byte) error {
	return p.conn.Write(context.Background(), websocket.MessageText, data)
}

func (p barePipe) receive() (int, error) {
	_, data, err := p.conn.Read(context.Background())
	return len(data), err
}

// serveSessions serves a function by the plugin, serveBare by the library alone.
func serveSessions(b *testing.B, serve func(pipe)) http.Handler {
	b.Helper()
	a := app.New(serving(func(s *websockets.Session) error {
		serve(sessionPipe{s})
		return nil
	}))
	require.NoError(b, a.Start(b.Context()))
	b.Cleanup(func() { require.NoError(b, a.Stop(context.Background())) })
	return a
}

func serveBare(_ *testing.B, serve func(pipe)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		serve(barePipe{conn})
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
}

// eachServer runs a benchmark beside the same on the library alone.
func eachServer(b *testing.B, run func(b *testing.B, serve func(*testing.B, func(pipe)) http.Handler)) {
	b.Helper()
	b.Run("session", func(b *testing.B) { run(b, serveSessions) })
	b.Run("bare", func(b *testing.B) { run(b, serveBare) })
}

func dialBench(b *testing.B, handler http.Handler) *websocket.Conn {
	b.Helper()
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	conn, _, err := websocket.Dial(b.Context(), server.URL, nil)
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

var benchText = []byte(strings.Repeat("a", 100))

// BenchmarkSend sends messages of 100 bytes to a client that leaves them in the
// kernel's hands as fast as it can.
func BenchmarkSend(b *testing.B) {
	eachServer(b, func(b *testing.B, serve func(*testing.B, func(pipe)) http.Handler) {
		pipes, done := make(chan pipe), make(chan struct{})
		defer close(done)
		conn := dialBench(b, serve(b, func(p pipe) {
			pipes <- p
			<-done
		}))
		go func() {
			for {
				if _, _, err := conn.Read(context.Background()); err != nil {
					return
				}
			}
		}()
		p := <-pipes
		b.ReportAllocs()
		for b.Loop() {
			if err := p.send(benchText); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEcho is a message there and one back, each of 100 bytes: what the
// client needs is in it, the same for both.
func BenchmarkEcho(b *testing.B) {
	eachServer(b, func(b *testing.B, serve func(*testing.B, func(pipe)) http.Handler) {
		conn := dialBench(b, serve(b, func(p pipe) {
			for {
				if _, err := p.receive(); err != nil {
					return
				}
				if err := p.send(benchText); err != nil {
					return
				}
			}
		}))
		b.ReportAllocs()
		for b.Loop() {
			if err := conn.Write(context.Background(), websocket.MessageText, benchText); err != nil {
				b.Fatal(err)
			}
			if _, _, err := conn.Read(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
}

// BenchmarkIdle opens WebSockets on which nothing happens, whose clients are bare
// connections of the same process, and reports what each takes of heap and stacks.
func BenchmarkIdle(b *testing.B) {
	eachServer(b, func(b *testing.B, serve func(*testing.B, func(pipe)) http.Handler) {
		server := httptest.NewServer(serve(b, func(p pipe) { _, _ = p.receive() }))
		defer server.Close()
		const sockets = 2000
		before := memoryInUse()
		for b.Loop() {
			conns := make([]net.Conn, sockets)
			for i := range conns {
				conns[i] = openBare(b, server.Listener.Addr().String())
			}
			b.ReportMetric(float64(memoryInUse()-before)/1024/sockets, "KiB/socket")
			for _, conn := range conns {
				_ = conn.Close()
			}
		}
	})
}

// openBare opens a WebSocket that nobody reads from.
func openBare(b *testing.B, address string) net.Conn {
	b.Helper()
	conn, err := new(net.Dialer).DialContext(b.Context(), "tcp", address)
	require.NoError(b, err)
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\n"+handshake+"\r\n")
	require.NoError(b, err)
	_, err = conn.Read(make([]byte, 1024))
	require.NoError(b, err)
	return conn
}

// memoryInUse returns the bytes of heap and stacks, when garbage is gone.
func memoryInUse() int64 {
	var stats runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}
