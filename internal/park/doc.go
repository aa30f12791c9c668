// Package park keeps connections on which a response goes on although no
// goroutine serves it: event streams that wait for something to send. A parked
// connection costs about a hundred bytes besides the socket.
//
//	var poller park.Poller // of the application
//	...
//	conn := poller.Take(hijacked, true, func() { session.end(errGone) })
//	err := conn.Write(event, 30*time.Second, nil)
//	conn.End(nil) // or Abort, if something is missing
//
// The head of the response has been sent by then. What follows is framed as
// HTTP/1.1 demands (RFC 9112, section 7.1), or not at all for HTTP/1.0.
//
// There are three kinds of connections:
//
//   - A socket, on Linux: one epoll instance sees that the client has gone, for
//     all connections of a Poller and with one goroutine. A write is tried without
//     waiting for the client.
//   - A layer above a socket, such as TLS, on Linux: epoll looks at the socket,
//     which is also asked for room before a short text is written without a word.
//   - Anything else, such as the connections of tests in memory, and other
//     systems: a goroutine in Read sees that the client has gone, and every write
//     may wait.
//
// A layer is looked through by a method NetConn, as [crypto/tls.Conn] has it. It
// is a socket itself if it has the method SyscallConn, and that succeeds: then
// its Write may be passed by. Deadlines, writes that wait and the end always go
// through the connection that was given to [Poller.Take].
package park
