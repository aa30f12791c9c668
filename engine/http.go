package engine

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/internal/wire"
)

// newHTTPServer returns the net/http server of a started application.
func (s *Server) newHTTPServer() *http.Server {
	config := s.application.Config()
	server := &http.Server{
		Handler:           s.announce(s.answerChallenges(s.application)),
		BaseContext:       func(net.Listener) context.Context { return s.application.Context() },
		ErrorLog:          slog.NewLogLogger(s.application.Logger().Handler(), slog.LevelWarn),
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		Protocols:         new(http.Protocols),
		// Else net/http answers "OPTIONS *" with 200, and no plugin sees it.
		DisableGeneralOptionsHandler: true,
		// A call's own deadline ends its stream with a frame, which never
		// leaves on a connection whose client reads nothing.
		HTTP2: &http.HTTP2Config{WriteByteTimeout: config.WriteTimeout},
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetHTTP2(true)
	server.Protocols.SetUnencryptedHTTP2(s.cleartext)
	for _, configure := range s.configure {
		configure(server)
	}
	server.Handler = noting(server.Handler)
	s.connections.prepare(s.application.Logger())
	s.connections.watch(server)
	s.connections.countErrors(server)
	introduce(server)
	return server
}

// introduce makes the context of each connection know it.
func introduce(server *http.Server) {
	hook := server.ConnContext
	server.ConnContext = func(ctx context.Context, served net.Conn) context.Context {
		if hook != nil {
			ctx = hook(ctx, served)
		}
		below := connBelow(served)
		if below == nil || ctx == nil { // which net/http has a word for
			return ctx
		}
		return below.introduce(ctx, served)
	}
}

// A connContext is a conn as the context of its requests: that of ConnContext
// with what net/http and the server add to it. It takes no memory of its own.
type connContext conn

// introduce returns the context of the requests on served, which is c or lies
// above it.
func (c *conn) introduce(outer context.Context, served net.Conn) context.Context {
	if _, secure := served.(*tls.Conn); !secure && served != net.Conn(c) {
		// Whatever it is, its address may be another one.
		outer = context.WithValue(outer, http.LocalAddrContextKey, served.LocalAddr())
	}
	c.outer = outer
	return (*connContext)(c)
}

// Values implements [wire.Connection].
func (c *conn) Values() context.Context { return (*connContext)(c) }

func (c *connContext) Deadline() (time.Time, bool) { return c.outer.Deadline() }
func (c *connContext) Done() <-chan struct{}       { return c.outer.Done() }
func (c *connContext) Err() error                  { return c.outer.Err() }

func (c *connContext) Value(key any) any {
	if _, ok := key.(wire.ConnectionKey); ok {
		return (*conn)(c)
	}
	value := c.outer.Value(key)
	if value == nil && key == http.LocalAddrContextKey {
		return c.LocalAddr()
	}
	return value
}
