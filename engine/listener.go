package engine

import (
	"crypto/tls"
	"net"
	"time"
)

// NewListener returns a listener whose connections are what those of a [Server]
// are, for a server that is not one: an http.Server in which an application is
// mounted, or a TLS listener for [Listener], which goes around it:
//
//	tls.NewListener(engine.NewListener(inner, 30*time.Second), config)
//
// A deadline for writing that passes is renewed if the write has taken at least
// a byte, unless the deadline was in the past when it was set: what counts is
// for how long the client takes nothing. That holds for a WriteTimeout of
// http.Server as well, which ends no response that is being read, then. A write
// without a deadline gets one of writeTimeout, for net/http sets none for what it
// writes by itself, such as 100 Continue and 400. When the connection is
// hijacked, its deadlines are like any others.
//
// A client whose network is gone is noticed after about 30 s, by keep-alive
// probes, or on Linux after writeTimeout, at least 25 s, if something is on its
// way to it (TCP_USER_TIMEOUT, RFC 5482). With a writeTimeout of 0 or less,
// which waits for clients for as long as they like, only the probes find it.
// On Linux no more than 128 KiB wait in a socket to be sent
// (TCP_NOTSENT_LOWAT), so that a write goes on as often as the client reads.
//
// The connections have the methods NetConn, which returns the one of inner,
// SyscallConn, ReadFrom and CloseWrite. A connection that speaks TLS already is
// returned as it is, on a socket with these options. Around a connection that
// has them already, the longer writeTimeout counts. The listener closes inner.
func NewListener(inner net.Listener, writeTimeout time.Duration) net.Listener {
	return &listener{inner, writeTimeout, &limits{began: time.Now()}}
}

type listener struct {
	net.Listener
	writeTimeout time.Duration
	none         *limits // of connections that a server does not limit
}

func (l *listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if below := connBelow(accepted); below != nil {
		below.Allow(l.writeTimeout) // else its socket has these options already
		return accepted, nil
	}
	tune(accepted, l.writeTimeout)
	if _, secure := accepted.(interface{ ConnectionState() tls.ConnectionState }); secure {
		return accepted, nil // net/http asks it for its protocol
	}
	return &conn{Conn: accepted, patience: max(l.writeTimeout, 0), guest: guest{of: l.none}}, nil
}
