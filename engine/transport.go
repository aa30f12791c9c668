package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/wire"
)

// A Transport serves an application beside a connector with TLS, over something
// else than its connections: HTTP/3 is one, in the module engine/http3. The
// server calls Listen once, then Serve, then Shutdown and Close, or Close alone.
// Close may be called again, and beside the others.
type Transport interface {
	// Listen opens the transport and returns its address. The context bounds
	// that alone.
	Listen(ctx context.Context) (net.Addr, error)
	// Serve serves until the transport is shut down or closed, and returns
	// http.ErrServerClosed then. It takes from server what it has a use for, at
	// least the Handler. Contexts of requests end with base and have its values.
	Serve(base context.Context, server *http.Server) error
	// Shutdown takes no new requests, tells its clients so, and returns when
	// those that are there have been answered, or ctx has ended.
	Shutdown(ctx context.Context) error
	// Close closes the transport with everything in it, and returns when none of
	// its goroutines is left.
	Close() error
	// AltSvc returns what responses of the connector announce of the transport,
	// in the header Alt-Svc (RFC 7838); nothing if it is empty. It is asked once,
	// after Listen.
	AltSvc() string
}

// A TransportConfig is what a [Transport] may know of its connector.
type TransportConfig struct {
	// Addr is the address that the connector listens on.
	Addr net.Addr
	// TLS is its configuration. The transport may change it, and use it when
	// Serve was called.
	TLS *tls.Config
	// Logger is the application's.
	Logger *slog.Logger
}

// Via adds a transport to each connector of [TLSConnector]: open makes it when the
// connector is bound. It is opened with the connectors, or Start fails; drained
// with them, and closed with them. While it serves, the other responses of the
// connector announce it. A nil open is a mistake that [Server.Start] returns.
func Via(open func(TransportConfig) Transport) Option {
	if open == nil {
		return mistake(app.Caller(1), "via: the function is nil")
	}
	return func(s *Server) { s.via = append(s.via, open) }
}

// carrier is a transport that is open.
type carrier struct {
	Transport
	addr net.Addr
	url  string
}

// carry opens the transports of a connector, or none.
func (s *Server) carry(ctx context.Context, beside binding) ([]carrier, error) {
	if beside.tls == nil {
		return nil, nil
	}
	var opened []carrier
	for _, open := range s.via {
		transport := open(TransportConfig{
			Addr: beside.listener.Addr(), TLS: beside.tls.Clone(), Logger: s.application.Logger(),
		})
		addr, err := transport.Listen(ctx)
		if err != nil {
			closeCarriers(append(opened, carrier{Transport: transport}))
			return nil, fmt.Errorf("beside %s: %w", beside.url, err)
		}
		opened = append(opened, carrier{transport, addr, beside.url + " over " + addr.Network()})
	}
	return opened, nil
}

func closeCarriers(opened []carrier) {
	for _, c := range opened {
		_ = c.Close() // it has served nothing
	}
}

// serveCarriers begins to announce the transports, and to serve them.
func (s *Server) serveCarriers(server *http.Server, bound []binding) {
	announced := announcement{}
	for _, b := range bound {
		for _, c := range b.carriers {
			if text := c.AltSvc(); text != "" {
				port := portOf(b.listener.Addr())
				announced[port] = append(announced[port], text)
			}
		}
	}
	s.announced.Store(&announced)
	for _, b := range bound {
		for _, c := range b.carriers {
			s.serving.Go(func() { s.serveCarrier(c, server) })
		}
	}
}

func (s *Server) serveCarrier(c carrier, server *http.Server) {
	err := c.Serve(s.application.Context(), server)
	s.announced.Store(nil)
	if !errors.Is(err, http.ErrServerClosed) {
		s.die(fmt.Errorf("serve %s: %w", c.url, err))
	}
}

// shutDownCarriers ends the transports when their calls have been answered.
func (s *Server) shutDownCarriers(ctx context.Context, bound []binding) error {
	s.announced.Store(nil)
	var work sync.WaitGroup
	var mu sync.Mutex
	var failure error
	for _, b := range bound {
		for _, c := range b.carriers {
			work.Go(func() {
				err := c.Shutdown(ctx)
				if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
					err = nil // it was cut short; what that left, the application reports
				}
				err = errors.Join(err, c.Close())
				mu.Lock()
				defer mu.Unlock()
				failure = errors.Join(failure, err)
			})
		}
	}
	work.Wait()
	return failure
}

// An announcement is what responses say in Alt-Svc, by the port of the
// connector.
type announcement map[string][]string

// announce returns handler behind what announces the transports.
func (s *Server) announce(handler http.Handler) http.Handler {
	if len(s.via) == 0 {
		return handler
	}
	return &wire.Front{Next: handler, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		announced := s.announced.Load()
		if announced != nil && r.TLS != nil && r.ProtoMajor < 3 {
			local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			if values := (*announced)[portOf(local)]; len(values) > 0 {
				w.Header()["Alt-Svc"] = slices.Clip(values) // a handler may add to it
			}
		}
		handler.ServeHTTP(w, r)
	})}
}

// portOf returns the port of an address of TCP or UDP, or nothing.
func portOf(addr net.Addr) string {
	if addr == nil {
		return ""
	}
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return ""
	}
	return port
}
