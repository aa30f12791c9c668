package engine

import (
	"net"
	"sync"
)

// A limitListener hands over only the connections for which there is room.
type limitListener struct {
	net.Listener

	limits *limits
	end    func() // closes closed
	closed chan struct{}
}

func (l *limits) around(inner net.Listener) net.Listener {
	closed := make(chan struct{})
	return &limitListener{inner, l, sync.OnceFunc(func() { close(closed) }), closed}
}

func (l *limitListener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		below := connBelow(accepted)
		if below == nil {
			return accepted, nil
		}
		below.secure = net.Conn(below) != accepted
		if !l.limits.receive(below) {
			_ = below.Close() // nothing was sent on it
			continue
		}
		if !l.limits.await(below, l.closed) {
			_ = below.Close()
			return nil, net.ErrClosed
		}
		return accepted, nil
	}
}

func (l *limitListener) Close() error {
	l.end()
	return l.Listener.Close()
}
