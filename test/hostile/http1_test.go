package hostile_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An abuse is what a client of HTTP/1.1 sends on one connection.
type abuse struct {
	send   func(w io.Writer)
	deaf   bool // it reads nothing
	within time.Duration
	answer string // which its last response begins with; empty for none
}

// every writes text again and again, n times at most, until that fails.
func every(w io.Writer, pause time.Duration, n int, text string) {
	flood(n, func(int) error {
		if pause > 0 {
			time.Sleep(pause)
		}
		_, err := io.WriteString(w, text)
		return err
	})
}

const (
	get     = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"
	getHead = "GET / HTTP/1.1\r\nHost: example.com\r\n"
	chunked = "POST %s HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
	sized   = "POST %s HTTP/1.1\r\nHost: example.com\r\nContent-Length: 100000\r\n%s\r\n"
)

func abuses() map[string]abuse {
	line := strings.Repeat("x", 1000)
	return map[string]abuse{
		"silence":              {func(io.Writer) {}, false, 10 * time.Second, ""},
		"silence after a call": {func(w io.Writer) { _, _ = io.WriteString(w, get) }, false, 2 * time.Minute, "200"},
		"a head that trickles": {func(w io.Writer) {
			_, _ = io.WriteString(w, getHead)
			every(w, time.Second, 1000, "X: y\r\n")
		}, false, 10 * time.Second, ""},
		"a second head that trickles": {func(w io.Writer) {
			_, _ = io.WriteString(w, get)
			time.Sleep(time.Minute)
			_, _ = io.WriteString(w, getHead)
			every(w, time.Second, 1000, "X: y\r\n")
		}, false, time.Minute + 10*time.Second, "200"},
		"a head without end": {func(w io.Writer) {
			_, _ = io.WriteString(w, getHead)
			every(w, 0, 100_000, "X: "+line+"\r\n")
		}, false, 2 * time.Second, "431"},
		"a line without end": {func(w io.Writer) {
			_, _ = io.WriteString(w, "GET /")
			every(w, 0, 100_000, line)
		}, false, 2 * time.Second, "431"},
		"empty lines": {func(w io.Writer) { every(w, 0, 100_000, "\r\n") }, false, 2 * time.Second, "400"},
		"a body that trickles": {func(w io.Writer) {
			fmt.Fprintf(w, sized, "/read", "")
			every(w, 55*time.Second, 1000, "x")
		}, false, 2 * time.Minute, "408"},
		"a body that trickles faster": {func(w io.Writer) {
			fmt.Fprintf(w, sized, "/read", "")
			every(w, time.Second, 10_000, "x")
		}, false, 2 * time.Minute, "408"},
		"a body that trickles to nobody": {func(w io.Writer) {
			fmt.Fprintf(w, sized, "/ignore", "")
			every(w, time.Second, 10_000, "x")
		}, false, 2 * time.Minute, "200"},
		"a body that does not come": {func(w io.Writer) { fmt.Fprintf(w, sized, "/read", "Expect: 100-continue\r\n") }, false, 2 * time.Minute, "408"},
		"a body without end": {func(w io.Writer) {
			fmt.Fprintf(w, chunked, "/read")
			every(w, 0, 100_000, "3e8\r\n"+line+"\r\n")
		}, false, 2 * time.Second, "413"},
		"a body without end for nobody": {func(w io.Writer) {
			fmt.Fprintf(w, chunked, "/ignore")
			every(w, 0, 100_000, "3e8\r\n"+line+"\r\n")
		}, false, 2 * time.Second, "200"},
		"chunks of nothing but extensions": {func(w io.Writer) {
			fmt.Fprintf(w, chunked, "/read")
			every(w, 0, 100_000, "1;"+line+"\r\nx\r\n")
		}, false, 2 * time.Second, "400"},
		"a trailer without end": {func(w io.Writer) {
			fmt.Fprintf(w, chunked+"0\r\n", "/read")
			every(w, 0, 100_000, "X: "+line+"\r\n")
		}, false, 2 * time.Second, "400"},
		"requests, and no answer is read": {func(w io.Writer) {
			every(w, 0, 1000, "GET /large HTTP/1.1\r\nHost: example.com\r\n\r\n")
		}, true, 2 * time.Minute, ""},
		"short requests, and no answer is read": {func(w io.Writer) { every(w, 0, 100_000, get) }, true, 2 * time.Minute, ""},
		"nonsense, and no answer is read": {func(w io.Writer) {
			every(w, 0, 100_000, get)
			every(w, 0, 100_000, "nonsense\r\n\r\n")
		}, true, 2 * time.Minute, ""},
		"half a preface of HTTP/2": {func(w io.Writer) { _, _ = io.WriteString(w, "PRI * HTTP/2.0\r\n") }, false, 10 * time.Second, ""},
	}
}

// No client holds a connection longer than the limits say, or makes the server
// keep what it sends.
func TestAbusesOfHTTP1(t *testing.T) {
	for name, a := range abuses() {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				conn := s.dial("http/1.1")
				before := heap()
				began := time.Now()
				var sending sync.WaitGroup
				sending.Go(func() { a.send(conn) })
				var got strings.Builder
				if !a.deaf {
					_, _ = io.Copy(&got, conn)
					assert.LessOrEqual(t, time.Since(began), a.within+time.Second)
				} else {
					time.Sleep(a.within)
				}
				time.Sleep(time.Second) // net/http lingers for a client that still sends
				synctest.Wait()
				assert.Less(t, heap(), before+1<<20, "bytes on the heap")
				s.expectHonestClientsAreServed()
				last := got.String()[strings.LastIndex(got.String(), "HTTP/1.1 ")+1:]
				if a.answer == "" {
					assert.Empty(t, last)
				} else {
					assert.Contains(t, last, "TTP/1.1 "+a.answer)
				}
				_ = conn.Close()
				sending.Wait()
			})
		})
	}
}

// A handshake has the time of a head.
func TestAbusesOfTLS(t *testing.T) {
	for name, send := range map[string]func(w io.Writer){
		"silence":      func(io.Writer) {},
		"half a hello": func(w io.Writer) { _, _ = io.WriteString(w, "\x16\x03\x01\x02\x00\x01\x00") },
		"a hello that trickles": func(w io.Writer) {
			_, _ = io.WriteString(w, "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03")
			every(w, time.Second, 1000, "x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				if s.secure == nil {
					return // it speaks no TLS
				}
				conn, err := s.network.Dial(t.Context())
				require.NoError(t, err)
				began := time.Now()
				var sending sync.WaitGroup
				sending.Go(func() { send(conn) })
				_, err = io.Copy(io.Discard, conn)
				require.NoError(t, err)
				assert.Equal(t, 10*time.Second, time.Since(began))
				require.NoError(t, conn.Close())
				sending.Wait()
			})
		})
	}
}

// Connections are opened and left alone, in every state that one
// can be left in. All are gone when their time is over.
func TestAbandonedConnections(t *testing.T) {
	const each = 50
	starts := map[string]string{
		"nothing": "", "half a head": getHead, "a call": get,
		"half a body": fmt.Sprintf(sized, "/read", ""), "a call that waits for nothing": "GET /large HTTP/1.1\r\nHost: example.com\r\n\r\n",
	}
	attack(t, func(t *testing.T, s *site) {
		var open atomic.Int64
		var conns []net.Conn
		for _, start := range starts {
			for range each {
				conn := s.dial("http/1.1")
				conns = append(conns, conn)
				_, err := io.WriteString(conn, start)
				require.NoError(t, err)
				open.Add(1)
			}
		}
		synctest.Wait()
		stats := s.Stats()
		assert.Equal(t, each*len(starts), stats.New+stats.Active+stats.Idle)
		s.expectHonestClientsAreServed()
		time.Sleep(2*time.Minute + 10*time.Second) // idle ones stay longest
		synctest.Wait()
		stats = s.Stats()
		assert.Zero(t, stats.New+stats.Active+stats.Idle, "%+v", stats)
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
}
