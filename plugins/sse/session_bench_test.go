package sse_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A discardListener accepts connections that send everything nowhere and know
// no time.
type discardListener struct{ *memnet.Listener }

func (l discardListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return discardConn{conn}, err
}

type discardConn struct{ net.Conn }

func (discardConn) Write(p []byte) (int, error)      { return len(p), nil }
func (discardConn) SetWriteDeadline(time.Time) error { return nil }

// serveDiscarding serves a handler over HTTP/1.1 and sends it one GET request,
// whose answer goes nowhere.
func serveDiscarding(tb testing.TB, handler http.Handler) {
	tb.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(discardListener{listener}) }()
	conn, err := listener.Dial(tb.Context())
	require.NoError(tb, err)
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	require.NoError(tb, err)
	tb.Cleanup(func() {
		assert.NoError(tb, conn.Close())
		assert.NoError(tb, server.Close())
		assert.ErrorIs(tb, <-served, http.ErrServerClosed)
	})
}

// openSession returns a session whose events go nowhere.
func openSession(tb testing.TB) *sse.Session {
	tb.Helper()
	sessions := make(chan *sse.Session)
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				sessions <- s
				<-s.Context().Done()
				return nil
			})
		})
	})
	require.NoError(tb, application.Start(tb.Context()))
	serveDiscarding(tb, application)
	return <-sessions
}

func BenchmarkSessionSend(b *testing.B) {
	for name, event := range benchmarkEvents() {
		b.Run(name, func(b *testing.B) {
			s := openSession(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Send(event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBareWrite is what net/http alone needs for the bytes of an event,
// encoded once, and its flush.
func BenchmarkBareWrite(b *testing.B) {
	for name, event := range benchmarkEvents() {
		b.Run(name, func(b *testing.B) {
			wire := []byte(encode(b, event))
			writers, done := make(chan http.ResponseWriter), make(chan struct{})
			serveDiscarding(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				writers <- w
				<-done
			}))
			w := <-writers
			defer close(done)
			controller := http.NewResponseController(w)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Write(wire); err != nil {
					b.Fatal(err)
				}
				if err := controller.Flush(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSessionSendParallel is many goroutines that send in one session.
func BenchmarkSessionSendParallel(b *testing.B) {
	s := openSession(b)
	event := sse.Event{Data: strings.Repeat("x", 100)}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Send(event); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
