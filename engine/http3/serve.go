package http3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// Serve implements [engine.Transport]. Of server it takes the handler, and the
// limits for headers and idle connections.
func (t *transport) Serve(base context.Context, server *http.Server) error {
	t.server.Handler = t.counting(server.Handler)
	t.server.MaxHeaderBytes = server.MaxHeaderBytes
	t.server.IdleTimeout = server.IdleTimeout
	t.server.Logger = t.beside.Logger
	t.server.ConnContext = func(connection context.Context, _ *quic.Conn) context.Context {
		return under(connection, base)
	}
	listener, err := t.accept()
	if err != nil {
		return err
	}
	return t.server.ServeListener(listener)
}

// accept lets connections come, unless the transport was closed meanwhile.
func (t *transport) accept() (*quic.Listener, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, http.ErrServerClosed
	}
	var err error
	if t.listener, err = t.quic.Listen(http3.ConfigureTLSConfig(t.beside.TLS), t.settings); err != nil {
		return nil, fmt.Errorf("listen for HTTP/3 on %s: %w", t.socket.LocalAddr(), err)
	}
	return t.listener, nil
}

// refuse lets no connection come any more.
func (t *transport) refuse() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.listener != nil {
		_ = t.listener.Close() // it has no error but that it is closed
	}
}

// Shutdown implements [engine.Transport]. Clients that have seen GOAWAY go by
// themselves; those that stay are closed when nothing is left to send to them.
func (t *transport) Shutdown(ctx context.Context) error {
	going, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	t.refuse()
	gone := make(chan error, 1)
	go func() { gone <- t.server.Shutdown(going) }()
	for {
		select {
		case err := <-gone:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-t.calls.idle():
		}
		flushed := time.NewTimer(lastFlush)
		select {
		case err := <-gone:
			flushed.Stop()
			return err
		case <-flushed.C:
		}
		if t.calls.areIdle() {
			giveUp()
			if err := <-gone; !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		}
	}
}

// Close implements [engine.Transport]. It does not wait for a handler that runs
// on although its connection is gone.
func (t *transport) Close() error {
	if t.socket == nil {
		return nil // it never listened
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = t.server.Close() // the connections; the listener is ours
	}()
	t.refuse()
	_ = t.quic.Close()
	err := t.socket.Close()
	patience := time.NewTimer(lastFlush)
	defer patience.Stop()
	select {
	case <-closed:
	case <-patience.C:
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// counting returns handler with the calls counted that it serves.
func (t *transport) counting(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.calls.begin()
		defer t.calls.end()
		handler.ServeHTTP(writer{w}, r)
	})
}

// A writer is that of quic-go, which always lets a body be read beside the
// response, and does not say so.
type writer struct{ http.ResponseWriter }

func (w writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// EnableFullDuplex implements what http.ResponseController asks for.
func (w writer) EnableFullDuplex() error { return nil }

// calls counts the calls that run.
type calls struct {
	mu      sync.Mutex // guards what follows
	running int
	ended   chan struct{} // closed when the last of them ends; nil while none runs
}

func (c *calls) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running++; c.running == 1 {
		c.ended = make(chan struct{})
	}
}

func (c *calls) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running--; c.running == 0 {
		close(c.ended)
	}
}

// idle returns a channel that is closed when no call runs.
func (c *calls) idle() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == 0 {
		none := make(chan struct{})
		close(none)
		return none
	}
	return c.ended
}

func (c *calls) areIdle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running == 0
}

// under returns the context of a connection, which ends with base too, and has
// its values besides its own. As in net/http, the end of the connection has no
// cause but context.Canceled, by which a client that is gone is known.
func under(connection, base context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(connection))
	stop := context.AfterFunc(base, func() { cancel(context.Cause(base)) })
	context.AfterFunc(connection, func() {
		stop()
		cancel(nil)
	})
	return merged{ctx, base}
}

type merged struct {
	context.Context                 //nolint:containedctx // it is the half that ends
	base            context.Context //nolint:containedctx // and the other, which has values
}

func (m merged) Value(key any) any {
	if value := m.Context.Value(key); value != nil {
		return value
	}
	return m.base.Value(key)
}
