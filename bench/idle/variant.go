package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/reference"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// The variants.
const (
	handWritten = "reference"
	behindChi   = "reference-chi"  // the same on a route of bare chi
	embedded    = "chitor"         // the embedded server
	mounted     = "chitor-mounted" // an application in a server of net/http
)

// start serves event streams that send nothing, or nothing but a heartbeat if
// period is positive.
func start(ctx context.Context, variant string, period time.Duration, listener net.Listener) (stop func(), err error) {
	switch variant {
	case handWritten:
		return serveHTTP(byHand(period), listener), nil
	case behindChi:
		router := chi.NewRouter()
		router.Method(http.MethodGet, "/events", byHand(period))
		return serveHTTP(router, listener), nil
	case embedded:
		server := engine.EmbeddedServer(module(period), engine.Listener(listener), engine.Logger(slog.New(slog.DiscardHandler)))
		return func() { _ = server.Stop(ctx) }, server.Start(ctx)
	case mounted:
		application := app.New(module(period))
		if err := application.Start(ctx); err != nil {
			return nil, err
		}
		stopServer := serveHTTP(application, listener)
		return func() { _ = application.Stop(ctx); stopServer() }, nil
	default:
		return nil, fmt.Errorf("there is no variant %q", variant)
	}
}

func byHand(period time.Duration) http.Handler {
	return reference.Handler(period, func(ctx context.Context, _ *reference.Stream) error {
		<-ctx.Done()
		return nil
	})
}

func module(period time.Duration) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				if period > 0 {
					s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = period })
				}
				<-s.Context().Done()
				return nil
			})
		})
	}
}

// serveHTTP serves with net/http alone, with the time-outs of the embedded
// server.
func serveHTTP(handler http.Handler, listener net.Listener) (stop func()) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}
