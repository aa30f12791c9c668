package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/wire"
)

// server is a server's writer that notes what it is told, in fake time. While
// stuck, its writes and flushes return when a deadline has passed.
type server struct {
	header http.Header
	began  time.Time
	stuck  bool
	kept   bool // it cannot be hijacked
	duplex bool // it can read and write at once

	mu     sync.Mutex
	notes  []string
	timer  *time.Timer
	passed chan struct{}
}

func newServer() *server {
	return &server{header: http.Header{}, began: time.Now(), passed: make(chan struct{})}
}

func (s *server) note(format string, values ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, values...))
}

// seen returns the notes, and forgets them.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.notes
	s.notes = nil
	return seen
}

func (s *server) Header() http.Header    { return s.header }
func (s *server) WriteHeader(status int) { s.note("head %d", status) }

func (s *server) Write(p []byte) (int, error) {
	if err := s.wait(); err != nil {
		return 0, err
	}
	s.note("write %d", len(p))
	return len(p), nil
}

func (s *server) FlushError() error {
	if err := s.wait(); err != nil {
		return err
	}
	s.note("flush")
	return nil
}

func (s *server) wait() error {
	if !s.stuck {
		return nil
	}
	<-s.passed
	return os.ErrDeadlineExceeded
}

func (s *server) SetWriteDeadline(at time.Time) error {
	s.note("write deadline %s", s.moment(at))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if !at.IsZero() {
		passed := s.passed
		s.timer = time.AfterFunc(time.Until(at), sync.OnceFunc(func() { close(passed) }))
	}
	return nil
}

func (s *server) SetReadDeadline(at time.Time) error {
	s.note("read deadline %s", s.moment(at))
	return nil
}

// moment says when a deadline passes, from the beginning.
func (s *server) moment(at time.Time) string {
	switch {
	case at.IsZero():
		return "lifted"
	case at.Before(s.began):
		return "past"
	default:
		return at.Sub(s.began).String()
	}
}

func (s *server) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if s.kept {
		return nil, nil, http.ErrNotSupported
	}
	s.note("hijack")
	return nil, nil, nil
}

func (s *server) EnableFullDuplex() error {
	if !s.duplex {
		return http.ErrNotSupported
	}
	return nil
}

// limits are ten seconds for writing and a minute for reading.
func limits() *wire.Limits {
	made := wire.NewLimits()
	made.Write, made.Read = 10*time.Second, time.Minute
	return made
}

// open begins an exchange on s: a GET over HTTP/1.1 if r is nil.
func open(t *testing.T, s http.ResponseWriter, r *http.Request) *wire.Wire {
	t.Helper()
	if r == nil {
		r = request(t, 1, http.MethodGet, nil)
	}
	w := &wire.Wire{}
	w.Open(limits(), s, r)
	return w
}

// request returns a request over HTTP of a major version, with a body unless
// that is nil.
func request(t *testing.T, major int, method string, body *silentBody) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "/", http.NoBody)
	require.NoError(t, err)
	r.ProtoMajor, r.ProtoMinor = major, 0
	if body != nil {
		r.Body, r.ContentLength = body, 10
	}
	return r
}

// silentBody is a body that arrives at once, or not at all.
type silentBody struct {
	silent bool
	after  time.Duration // that a read takes, where synctest fakes the time
	length int           // 0 for a body without an end
	read   int
	closed int
}

func (b *silentBody) Read(p []byte) (int, error) {
	if b.silent {
		return 0, os.ErrDeadlineExceeded
	}
	if b.length > 0 {
		p = p[:min(len(p), b.length-b.read)]
	}
	if len(p) == 0 {
		return 0, io.EOF
	}
	time.Sleep(b.after)
	n := copy(p, "0123456789")
	b.read += n
	return n, nil
}

func (b *silentBody) Close() error { b.closed++; return nil }
