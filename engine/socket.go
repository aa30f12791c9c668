package engine

import (
	"net"
	"time"
)

const (
	// leastUserTimeout is how long what was sent may stay unacknowledged, even
	// if a write may take less: a network may be away for some seconds.
	leastUserTimeout = 25 * time.Second
	// notSent is how much may wait in a socket to be sent. Linux wakes a writer
	// when half of it has left. With twice as much a client that reads 20 KiB/s
	// is still cut off, with half of it a fast one gets less.
	notSent = 128 << 10
)

// silence returns how long a socket lets a client take nothing, if a write lets it
// for patience; 0 or less is for ever.
func silence(patience time.Duration) time.Duration {
	if patience <= 0 {
		return 0
	}
	return max(patience, leastUserTimeout)
}

// tune sets the options of the socket below a connection, as far as there is one
// and the system has them. A connection that is gone fails the read that follows.
func tune(accepted net.Conn, writeTimeout time.Duration) {
	socket := socketBelow(accepted)
	if socket == nil {
		return
	}
	// It finds a client that is gone while nothing is on its way to it.
	_ = socket.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	})
	setNotSent(socket, notSent)
	if silence := silence(writeTimeout); silence > 0 {
		setUserTimeout(socket, silence)
	}
}

// socketBelow returns the socket of a connection, or nil.
func socketBelow(accepted net.Conn) *net.TCPConn {
	for {
		switch layer := accepted.(type) {
		case *net.TCPConn:
			return layer
		case interface{ NetConn() net.Conn }:
			accepted = layer.NetConn()
		default:
			return nil
		}
	}
}
