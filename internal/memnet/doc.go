// Package memnet is a network in memory: a [Listener] whose connections are pairs
// of bounded buffers.
//
//	listener := memnet.Listen()
//	go func() { _ = http.Serve(listener, handler) }()
//	client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext}}
//
// The test host serves on it, so that a test runs a real [net/http.Server] and
// a real [net/http.Transport] without a socket.
//
// It is made for testing/synctest. A blocked call waits for a channel or a
// [sync.Cond], and never for a mutex that is held for long. So a bubble whose
// goroutines all wait is durably blocked, and its clock moves on; deadlines are
// timers of that clock. A Listener and its connections belong to the bubble in
// which [Listen] was called. Outside a bubble everything works the same on the
// real clock. The package starts no goroutine of its own, except for the
// instant in which the timer of a deadline fires.
//
// A [Conn] behaves like a TCP connection, but is predictable where TCP is not:
//
//   - A Write returns when its bytes are in the buffer, and blocks while the
//     buffer is full: a peer that stops reading blocks the writer. As on Linux
//     a Write that is blocked goes on when a third of the buffer is free, and
//     one that begins takes what room there is.
//   - After a deadline Read and Write fail, even if they could go on at once.
//   - After Close the peer always reads what is buffered and then [io.EOF], and
//     its next Write fails at once.
//   - Dial returns when the connection is accepted; there is no backlog.
package memnet
