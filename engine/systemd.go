package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// SystemdSockets adds a connector for each socket with one of these names that
// systemd has opened for this process, in their order: FileDescriptorName in a
// .socket unit, by default the name of that. Without names it takes all of them.
// They speak HTTP without TLS, over TCP or Unix sockets. [Server.Start] fails if
// a name is missing, if there is no socket at all, and if one is not for
// listening; it closes those that are not named. Used twice, it takes the names
// of both.
//
// The sockets are for one process, and one server in it: the variables LISTEN_PID,
// LISTEN_FDS and LISTEN_FDNAMES (sd_listen_fds(3)) are unset when they are read.
// systemd keeps the sockets when the server stops, and with them the connections
// that come meanwhile. Only Unix has them.
func SystemdSockets(names ...string) Option {
	return func(s *Server) {
		if s.systemd == nil {
			s.systemd = &systemd{heritage: ownHeritage()}
			s.further = append(s.further, connector{place: s.systemd})
		}
		s.systemd.all = s.systemd.all || len(names) == 0
		s.systemd.names = append(s.systemd.names, names...)
	}
}

// systemd is the place of the sockets that were opened for this process.
type systemd struct {
	heritage heritage
	names    []string
	all      bool // not only those that are named
}

func (s *systemd) String() string   { return "systemd's sockets" }
func (s *systemd) hostName() string { return "" }

func (s *systemd) listen(context.Context) ([]net.Listener, error) {
	sockets, err := s.heritage.sockets()
	if err != nil {
		return nil, fmt.Errorf("systemd's sockets: %w", err)
	}
	sockets, err = s.choose(sockets)
	if err != nil {
		return nil, fmt.Errorf("systemd's sockets: %w", err)
	}
	var listeners []net.Listener
	for i, socket := range sockets {
		listener, err := socket.listen()
		if err != nil {
			closeInherited(sockets[i+1:])
			closeListeners(listeners)
			return nil, fmt.Errorf("systemd's sockets: %w", err)
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

// choose returns the sockets that were asked for, and closes the others, or all
// of them if one is missing.
func (s *systemd) choose(sockets []inheritedSocket) ([]inheritedSocket, error) {
	if len(sockets) == 0 {
		return nil, errors.New("there are none: " + listenFDs + " names none for this process")
	}
	var there []string
	for _, socket := range sockets {
		there = append(there, socket.name)
	}
	for _, name := range s.names {
		if !slices.Contains(there, name) {
			closeInherited(sockets)
			return nil, fmt.Errorf("none is named %q: there are %q", name, strings.Join(there, ", "))
		}
	}
	return slices.DeleteFunc(sockets, func(socket inheritedSocket) bool {
		unwanted := !s.all && !slices.Contains(s.names, socket.name)
		if unwanted {
			closeInherited([]inheritedSocket{socket})
		}
		return unwanted
	}), nil
}
