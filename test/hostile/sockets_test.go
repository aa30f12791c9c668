package hostile_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// abandoned is how many connections are opened and left alone, with a file at
// each end in this process.
const abandoned = 5000

// listen starts a server on a socket. Its clients have a second.
func listen(tb testing.TB, patience time.Duration) (*engine.Server, string) {
	tb.Helper()
	server := engine.EmbeddedServer(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("hello") })
		})
	}, engine.Host("127.0.0.1"), engine.Port(0), engine.HTTP2Cleartext(), engine.Logger(slog.New(slog.DiscardHandler)),
		engine.HTTPServer(func(h *http.Server) { h.ReadHeaderTimeout, h.IdleTimeout = patience, patience }))
	require.NoError(tb, server.Start(tb.Context()))
	tb.Cleanup(func() { assert.NoError(tb, server.Stop(context.Background())) })
	return server, server.Addrs()[0].String()
}

// abandon opens connections and sends text on each. It returns what closes them.
func abandon(tb testing.TB, address, text string) (closeAll func()) {
	tb.Helper()
	var conns []net.Conn
	for range abandoned {
		conn, err := net.Dial("tcp", address)
		require.NoError(tb, err)
		conns = append(conns, conn)
		_, err = io.WriteString(conn, text)
		require.NoError(tb, err)
	}
	return func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
		conns = nil
	}
}

// Of 5,000 connections that are opened and abandoned nothing is left, and an
// honest client beside them is served.
func TestAbandonedSockets(t *testing.T) {
	server, address := listen(t, 2*time.Second)
	honest := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	serves := func() {
		response, err := honest.Get("http://" + address)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.NoError(t, response.Body.Close())
	}
	serves()
	goroutines, before := runtime.NumGoroutine(), heap()
	leave := abandon(t, address, "GET / HTTP/1.1\r\nHost: ")
	defer leave()
	for range 100 {
		serves()
	}
	require.Eventually(t, func() bool {
		stats := server.Stats()
		return stats.Unserved == abandoned && stats.New+stats.Active+stats.Idle == 0
	}, 2*time.Minute, 10*time.Millisecond)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines+10 }, time.Minute, 10*time.Millisecond)
	leave()
	// Maps and the runtime keep room for as many again, less than a kilobyte for
	// each. A connection that were kept would take ten.
	assert.Less(t, heap(), before+4<<20, "bytes on the heap, before and after")
	serves()
}

// BenchmarkHonestClient reports how long a client waits that has a connection,
// and what the slowest hundredth of its requests take, beside those that do not
// mean well.
func BenchmarkHonestClient(b *testing.B) {
	for _, beside := range []struct {
		name   string
		attack func(tb testing.TB, address string) (end func())
	}{
		{"alone", func(testing.TB, string) func() { return func() {} }},
		{"beside 5000 that are silent", func(tb testing.TB, address string) func() { tb.Helper(); return abandon(tb, address, "G") }},
		{"beside 5000 idle", func(tb testing.TB, address string) func() { tb.Helper(); return abandon(tb, address, get) }},
		{"beside a flood of PING", func(tb testing.TB, address string) func() {
			tb.Helper()
			return floodSocket(tb, address, func(p *peer, _ int) error { return p.WritePing(false, [8]byte{}) })
		}},
		{"beside a flood of resets", func(tb testing.TB, address string) func() {
			tb.Helper()
			return floodSocket(tb, address, func(p *peer, i int) error {
				if err := p.open(odd(i), "GET", "/"); err != nil {
					return err
				}
				return p.WriteRSTStream(odd(i), http2.ErrCodeCancel)
			})
		}},
	} {
		b.Run(beside.name, func(b *testing.B) {
			_, address := listen(b, time.Hour)
			b.Cleanup(beside.attack(b, address))
			measure(b, address)
		})
	}
}

// floodSocket sends frames as fast as it can, on one connection after another,
// until end is called.
func floodSocket(tb testing.TB, address string, step func(p *peer, i int) error) (end func()) {
	tb.Helper()
	var flooding sync.WaitGroup
	ended := make(chan struct{})
	flooding.Go(func() {
		for {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			p := newPeer(tb, conn).listen()
			_ = p.WriteSettings()
			flood(1<<30, func(i int) error {
				select {
				case <-ended:
					return net.ErrClosed
				default:
					return step(p, i)
				}
			})
			_ = conn.Close()
			select {
			case <-ended:
				return
			default:
			}
		}
	})
	return func() {
		close(ended)
		flooding.Wait()
	}
}

// measure asks again and again.
func measure(b *testing.B, address string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	b.Cleanup(client.CloseIdleConnections)
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		response, err := client.Get("http://" + address)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(b, err)
		require.NoError(b, response.Body.Close())
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}
