package engine

import (
	"context"
	"log/slog"
	"net"
	"net/http"

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
		if below := connBelow(served); below != nil {
			ctx = wire.WithConnection(ctx, below)
		}
		return ctx
	}
}
