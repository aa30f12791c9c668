package engine

import (
	"net/http"
	"sync/atomic"

	"github.com/chitor-go/chitor/internal/wire"
)

// Stats are the counters of [Server.Stats]. Those from Accepted on only grow.
// Connections of a [Listener] that speaks TLS by itself, and does not go around
// one of [NewListener], are counted in New, Active and Idle alone; those of
// other transports, such as HTTP/3, are in none.
type Stats struct {
	// New connections have not sent a request yet, or have not finished the
	// handshake of TLS. Active ones have calls, Idle ones have had some and wait
	// for more. Hijacked ones were taken over by a handler, for a WebSocket or a
	// parked stream, and are not closed yet.
	New, Active, Idle, Hijacked int
	// Accepted is how many connections were let in.
	Accepted uint64
	// Refused is how many were closed because of [MaxConnectionsPerClient].
	Refused uint64
	// Waited is how many were kept waiting because of [MaxConnections].
	Waited uint64
	// Unused is how many connections have ended without a request: scanners,
	// probes of load balancers, handshakes of TLS that failed, and clients that
	// were connected and silent.
	Unused uint64
	// Unserved is how many requests have begun and become no call: those that
	// net/http has answered by itself, with 400, 417, 431, 501 or 505, and those
	// whose headers broke off or came too late. Over HTTP/2 one counts if no call
	// ran beside it, and over TLS, if it is not the first of its connection, if
	// it took more than one read.
	Unserved uint64
	// HTTP2Errors is how often a client has broken a rule of HTTP/2 or reached one
	// of its limits. HTTP2Config.CountError in [HTTPServer] tells them apart.
	HTTP2Errors uint64
}

// Stats returns the counters of the server's connections as they are now. They
// are zero before Start, and stay after Stop.
func (s *Server) Stats() Stats { return s.connections.stats() }

func (c *connections) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{
		New: c.counts[http.StateNew], Active: c.counts[http.StateActive], Idle: c.counts[http.StateIdle],
		Hijacked: int(c.hijacked.Load()),
		Accepted: c.accepted.Load(), Refused: c.refused.Load(), Waited: c.waited.Load(),
		Unused: c.unused, Unserved: c.unserved, HTTP2Errors: c.http2Errors.Load(),
	}
}

// A record says what has become of the requests of a connection.
type record struct {
	called  atomic.Bool // a call has begun since the connection was last idle
	heard   atomic.Bool // it has read something since then
	secure  bool        // it speaks TLS, and reads more than requests
	greeted bool        // its client has said that it speaks HTTP/2
	used    bool        // there was a request
}

// note counts what a connection leaves behind that changes its state. net/http
// calls one active when it has read a request, or more than once for a part of
// one.
func (c *connections) note(r *record, before, after http.ConnState) {
	unserved := false
	switch {
	case after == http.StateActive:
		r.called.Store(false)
	case before != http.StateActive:
		unserved = after == http.StateClosed && r.heard.Load() && !r.secure && !r.greeted
	case r.called.Load():
		r.used = true
	case after == http.StateIdle && !r.greeted:
		r.greeted = true // HTTP/2 is active and idle before its first request
	default:
		unserved = true
	}
	if unserved {
		r.used = true
		c.unserved++
	}
	if after == http.StateClosed && !r.used {
		c.unused++
	}
	if after == http.StateIdle {
		r.heard.Store(false)
	}
}

// noting makes each call known to its connection.
func noting(inner http.Handler) http.Handler {
	if inner == nil {
		return nil // somebody has chosen that of net/http
	}
	return &wire.Front{Next: inner, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := wire.ConnectionOf(r.Context()).(*conn); ok && !c.called.Load() {
			c.called.Store(true)
		}
		inner.ServeHTTP(w, r)
	})}
}

// countErrors counts what net/http tells of clients of HTTP/2, and tells the
// hook that the server had.
func (c *connections) countErrors(server *http.Server) {
	if server.HTTP2 == nil {
		server.HTTP2 = &http.HTTP2Config{}
	}
	hook := server.HTTP2.CountError
	server.HTTP2.CountError = func(kind string) {
		c.http2Errors.Add(1)
		if hook != nil {
			hook(kind)
		}
	}
}
