package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/chitor-go/chitor/internal/watched"
)

// connector is a place to listen at, with or without TLS.
type connector struct {
	place    place
	security *security // nil without TLS
}

// binding is a connector that is open.
type binding struct {
	listener net.Listener
	tls      *tls.Config // nil without TLS
	url      string
	carriers []carrier // the transports beside it
	key      string    // by which a successor finds it, "" if it cannot be handed over
}

// firstAddress returns the address of [Port] and [Host].
func (s *Server) firstAddress() *address {
	if s.first == nil {
		s.first = &address{host: s.host, port: defaultPort}
	}
	return s.first
}

// connectors returns all connectors; without any there is the default one.
func (s *Server) connectors() []connector {
	var all []connector
	if s.first != nil || !s.hasOthers() {
		all = append(all, connector{place: s.firstAddress()})
	}
	if s.secure != nil {
		all = append(all, *s.secure)
	}
	return append(all, s.further...)
}

// hasOthers reports whether there is a connector besides that of [Port] and
// [Host].
func (s *Server) hasOthers() bool { return s.secure != nil || len(s.further) > 0 }

// bind opens all connectors, or none.
func (s *Server) bind(ctx context.Context) ([]binding, error) {
	if err := s.findPredecessor(ownHeritage()); err != nil {
		return nil, err
	}
	defer s.predecessor.close()
	around := surroundings{
		files:     watched.Files{Resources: s.resources, Logger: s.application.Logger()},
		logger:    s.application.Logger(),
		challenge: func(answer func(http.Handler) http.Handler) { s.challenges = append(s.challenges, answer) },
	}
	var bound []binding
	for _, c := range s.connectors() {
		var config *tls.Config
		var err error
		if c.security != nil {
			if config, err = c.security.load(around); err != nil {
				err = fmt.Errorf("TLS of %s: %w", c.place, err)
			}
		}
		var opened []binding
		if err == nil {
			opened, err = s.open(ctx, c.place, config)
		}
		if err != nil {
			closeAll(bound)
			return nil, err
		}
		bound = append(bound, opened...)
	}
	return bound, nil
}

// portTries is how many free ports of TCP are tried for one that is free for the
// transports too.
const portTries = 10

// open opens a connector with its transports. Config is nil without TLS.
func (s *Server) open(ctx context.Context, at place, config *tls.Config) ([]binding, error) {
	key := s.predecessor.keyOf(at)
	for try := 1; ; try++ {
		bound, err := s.openOnce(ctx, at, key, config)
		address, ok := at.(*address)
		fixed := !ok || address.port != 0 || s.predecessor.ready != nil
		if err == nil || fixed || !errors.Is(err, syscall.EADDRINUSE) || try == portTries {
			return bound, err
		}
	}
}

func (s *Server) openOnce(ctx context.Context, at place, key string, config *tls.Config) ([]binding, error) {
	listeners, err := s.predecessor.listen(ctx, at, key)
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if config != nil {
		scheme = "https"
	}
	var bound []binding
	for _, listener := range listeners {
		bound = append(bound, binding{listener: listener, tls: config, url: urlOf(scheme, at.hostName(), listener.Addr()), key: key})
	}
	for i := range bound {
		if bound[i].carriers, err = s.carry(ctx, bound[i]); err != nil {
			closeAll(bound)
			return nil, err
		}
	}
	return bound, nil
}

// served returns the listener for server to serve. If the TLS configuration does
// not say which protocols it offers, those of server count.
func (b binding) served(server *http.Server, writeTimeout time.Duration) net.Listener {
	tuned := NewListener(b.listener, writeTimeout)
	if b.tls == nil {
		return tuned
	}
	if p := server.Protocols; p != nil && !p.HTTP2() {
		offer(b.tls, "http/1.1")
	} else {
		offer(b.tls, "h2", "http/1.1")
	}
	return tls.NewListener(tuned, b.tls)
}

// urlOf returns the URL to log: with the host that was asked for, as in Ktor,
// and the port that was bound.
func urlOf(scheme, host string, addr net.Addr) string {
	bound, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.Network() + ":" + addr.String() // a Unix socket
	}
	if host == "" {
		host = bound
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func closeAll(bound []binding) {
	for _, b := range bound {
		closeCarriers(b.carriers)
		closeListeners([]net.Listener{b.listener})
	}
}

// closeGiven closes the listeners that the server was handed and does not
// serve.
func (s *Server) closeGiven() {
	for _, c := range s.further {
		if place, ok := c.place.(given); ok {
			closeListeners([]net.Listener{place.listener})
		}
	}
}
