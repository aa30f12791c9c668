package apptest

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/wire"
)

// node is an application that is served on a network of its own: the host, or
// an external service.
type node struct {
	name   string // in failures
	server *engine.Server
	dialer func(ctx context.Context) (net.Conn, error)
	left   bool // a module or a hook has ended the test amid the start

	mu      sync.Mutex // guards the fields below
	started bool
	ended   bool
	conns   []net.Conn      // all that were dialed
	secure  map[string]bool // addresses of the clients that came by https
}

// newNode returns a node that serves module on listener, and logs to logger
// unless options say otherwise.
func (s *settings) newNode(
	name string, module app.Module, listener net.Listener, logger *slog.Logger, options ...engine.Option,
) *node {
	n := &node{name: name, secure: map[string]bool{}}
	own := []engine.Option{engine.Listener(listener), engine.Logger(logger), engine.HTTPServer(n.mark)}
	if s.http2 {
		own = append(own, engine.HTTP2Cleartext())
	}
	n.server = engine.EmbeddedServer(module, append(own, options...)...)
	for _, configure := range s.configure {
		n.server.Application().Configure(configure)
	}
	return n
}

// mark makes requests by https look as if they had come over TLS.
func (n *node) mark(server *http.Server) {
	next := server.Handler
	server.Handler = &wire.Front{Next: next, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		secure := n.secure[r.RemoteAddr]
		n.mu.Unlock()
		if secure {
			r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true}
		}
		next.ServeHTTP(w, r)
	})}
}

func (n *node) start(ctx context.Context) error {
	n.left = true
	err := n.server.Start(ctx)
	n.left = false
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.started = true
	return nil
}

func (n *node) dial(ctx context.Context, secure bool) (net.Conn, error) {
	n.mu.Lock()
	started := n.started
	n.mu.Unlock()
	if !started { // nothing accepts, so there would never be a response
		return nil, errors.New(n.name + " was not started")
	}
	conn, err := n.dialer(ctx)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	n.conns = append(n.conns, conn)
	if secure {
		n.secure[conn.LocalAddr().String()] = true
	}
	return conn, nil
}

// disconnect closes all connections, and later ones at once.
func (n *node) disconnect() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = true
	for _, conn := range n.conns {
		_ = conn.Close() // the test may have closed it
	}
}

func (n *node) stop() error {
	if n.left {
		return nil // the start that the stop would wait for never ends
	}
	return n.server.Stop(context.Background())
}
