package engine

import (
	"context"
	"net"
	"strconv"
)

// A place is where a connector listens. It opens all its listeners, or none.
type place interface {
	listen(ctx context.Context) ([]net.Listener, error)
	// hostName is what the log names in place of the host that was bound, if it is
	// not empty.
	hostName() string
	// String is what errors name.
	String() string
}

// address is a place of TCP.
type address struct {
	host string
	port int
}

func (a *address) String() string   { return net.JoinHostPort(a.host, strconv.Itoa(a.port)) }
func (a *address) hostName() string { return a.host }

func (a *address) listen(ctx context.Context) ([]net.Listener, error) {
	// Without keep-alive: tune sets it, for the listeners that were given too.
	listener, err := (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", a.String())
	if err != nil {
		return nil, err // names the operation and the address
	}
	return []net.Listener{listener}, nil
}

// given is a listener that was open already.
type given struct{ listener net.Listener }

func (g given) String() string   { return "listener" }
func (g given) hostName() string { return "" }
func (g given) listen(context.Context) ([]net.Listener, error) {
	return []net.Listener{g.listener}, nil
}

func closeListeners(listeners []net.Listener) {
	for _, listener := range listeners {
		// Nothing was accepted, and its owner may have closed it.
		_ = listener.Close()
	}
}
