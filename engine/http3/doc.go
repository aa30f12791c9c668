// Package http3 serves an application over HTTP/3 (RFC 9114) beside HTTP/1.1 and
// HTTP/2, by quic-go.
//
//	engine.EmbeddedServer(Module,
//		engine.TLSConnector("0.0.0.0", 443, engine.PEM("server.pem", "server.key")),
//		http3.Transport())
//
// It listens on UDP at the host and port of each connector of
// engine.TLSConnector, with its certificate and its client certificates. The
// responses of that connector announce it by Alt-Svc (RFC 7838), so that
// browsers come over; over HTTP/3 itself, and when the server stops, nothing is
// announced.
//
// Handlers see no difference but Request.Proto. Event streams work as they do
// over HTTP/2: every event is flushed, a client that is gone ends the context,
// and a stop ends them with their last words. Write and read deadlines work.
// Nothing can be hijacked, and so no WebSocket be opened; what Mount serves finds
// the writer of quic-go by Unwrap.
//
// Stop sends GOAWAY, refuses new requests so that clients repeat them elsewhere,
// lets those that run be answered, and closes the connections.
//
// # Differences
//
// A write deadline that passes is not renewed when a client has taken something,
// as engine does it for connections: a client of HTTP/3 has to take each piece of
// a response, 256 KiB at most, within app.Config.WriteTimeout. That is 9 KiB/s by
// default, and no buffers of the system lie between.
//
// The limits of engine for connections do not count those of HTTP/3, whose
// clients prove their address first. A connection has at most 100 requests at a
// time. Early data (0-RTT) is not taken, because it can be replayed.
//
// quic-go asks the system for socket buffers of 7 MiB, and logs if it gets less:
// on Linux net.core.rmem_max and net.core.wmem_max bound them.
package http3
