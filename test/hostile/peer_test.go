package hostile_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A peer speaks HTTP/2 frame by frame. What it writes fails when the server has
// closed the connection, which is what most attacks wait for.
type peer struct {
	*http2.Framer
	net.Conn

	t       testing.TB
	encoder *hpack.Encoder
	block   bytes.Buffer
	began   time.Time

	mu       sync.Mutex // guards what follows
	goAway   []http2.ErrCode
	resets   map[uint32]http2.ErrCode
	statuses map[uint32]string
	received int // bytes of bodies
	ended    time.Duration
}

// greet opens a connection and sends the preface and settings.
func (s *site) greet(settings ...http2.Setting) *peer {
	s.t.Helper()
	p := s.connect()
	require.NoError(s.t, p.WriteSettings(settings...))
	return p
}

// connect opens a connection and sends the preface.
func (s *site) connect() *peer {
	s.t.Helper()
	return newPeer(s.t, s.dial("h2"))
}

// newPeer sends the preface.
func newPeer(tb testing.TB, conn net.Conn) *peer {
	tb.Helper()
	_, err := io.WriteString(conn, http2.ClientPreface)
	require.NoError(tb, err)
	p := &peer{
		Framer: http2.NewFramer(conn, conn), Conn: conn, t: tb, began: time.Now(),
		resets: map[uint32]http2.ErrCode{}, statuses: map[uint32]string{},
	}
	p.AllowIllegalWrites = true
	p.encoder = hpack.NewEncoder(&p.block)
	return p
}

// listen reads what the server sends until the connection ends. Without it the
// peer reads nothing.
func (p *peer) listen() *peer {
	p.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	go func() {
		for {
			frame, err := p.ReadFrame()
			p.mu.Lock()
			switch f := frame.(type) {
			case *http2.GoAwayFrame:
				p.goAway = append(p.goAway, f.ErrCode)
			case *http2.RSTStreamFrame:
				p.resets[f.StreamID] = f.ErrCode
			case *http2.MetaHeadersFrame:
				p.statuses[f.StreamID] = f.PseudoValue("status")
			case *http2.DataFrame:
				p.received += len(f.Data())
			}
			if err != nil {
				p.ended = time.Since(p.began)
				p.mu.Unlock()
				_ = p.Close()
				return
			}
			p.mu.Unlock()
		}
	}()
	return p
}

// request returns the block of a request's head.
func (p *peer) request(method, path string, more ...hpack.HeaderField) []byte {
	p.t.Helper()
	p.block.Reset()
	for _, field := range append([]hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: "example.com"}, {Name: ":path", Value: path},
	}, more...) {
		require.NoError(p.t, p.encoder.WriteField(field))
	}
	return bytes.Clone(p.block.Bytes())
}

// open begins a stream with a request.
func (p *peer) open(stream uint32, method, path string, more ...hpack.HeaderField) error {
	return p.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: p.request(method, path, more...), EndHeaders: true, EndStream: method == "GET",
	})
}

// flood repeats step until it fails or has run n times, and returns how often it
// has run.
func flood(n int, step func(i int) error) int {
	for i := range n {
		if step(i) != nil {
			return i
		}
	}
	return n
}

// expectEnd asserts that the server closes the connection within a time, and
// with what GOAWAY.
func (p *peer) expectEnd(within time.Duration, codes ...http2.ErrCode) {
	p.t.Helper()
	time.Sleep(within)
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotZero(p.t, p.ended, "the connection is open after %v", within)
	require.Subset(p.t, append(codes, http2.ErrCodeNo), p.goAway)
	require.Subset(p.t, p.goAway, codes)
}

// leave closes the connection.
func (p *peer) leave() {
	_ = p.Close()
	if secure, ok := p.Conn.(interface{ NetConn() net.Conn }); ok {
		_ = secure.NetConn().Close()
	}
	synctest.Wait()
}
