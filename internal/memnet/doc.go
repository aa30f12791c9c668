// Package memnet is a network that lives in memory: a [Listener] whose
// connections are pairs of bounded buffers. The test host serves on it, so that
// a test runs a real [net/http.Server] and a real [net/http.Transport] without
// a socket.
//
// It is made for testing/synctest. A blocked call waits on a channel or on a
// [sync.Cond] and never on a mutex that is held for long, so a bubble with
// nothing else to do is durably blocked and its clock moves on; deadlines are
// timers of that clock. A Listener and its connections belong to the bubble in
// which [Listen] was called. Outside a bubble everything works the same on the
// real clock. The package starts no goroutine of its own, except for the
// instant in which a deadline's timer fires.
//
// A [Conn] behaves like a TCP connection, made predictable where TCP is not:
//
//   - A Write is done when its bytes are in the buffer, and blocks while the
//     buffer is full: a peer that stops reading holds the writer up.
//   - A deadline that has passed fails Read and Write even when bytes or room
//     are at hand.
//   - After Close the peer always reads what is buffered and then [io.EOF], and
//     its next Write fails at once.
//   - Dial returns when the connection was accepted; there is no backlog.
package memnet
