package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	r3labs "github.com/r3labs/sse/v2"
	gosse "github.com/tmaxmax/go-sse"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/reference"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// The variants.
const (
	chitor      = "chitor"
	handWritten = "reference"
	goSSE       = "go-sse"
	r3Labs      = "r3labs"
)

func variants() []string { return []string{chitor, handWritten, goSSE, r3Labs} }

const topic = "news"

// A hub is a variant that is served.
type hub struct {
	publish func(number int, data string) error
	stop    func() error
}

// start serves a variant. All give each event an ID.
func start(ctx context.Context, variant string, listener net.Listener) (*hub, error) {
	switch variant {
	case chitor:
		return startChitor(ctx, listener)
	case handWritten:
		h := reference.NewHub()
		return serveHTTP(http.HandlerFunc(h.Subscribe), listener, func(number int, data string) error {
			h.Publish(strconv.Itoa(number), "", data)
			return nil
		}), nil
	case goSSE:
		server := &gosse.Server{}
		return serveHTTP(server, listener, func(number int, data string) error {
			message := &gosse.Message{ID: gosse.ID(strconv.Itoa(number))}
			message.AppendData(data)
			return server.Publish(message)
		}), nil
	case r3Labs:
		server := r3labs.New()
		server.AutoReplay = false // it keeps every event there ever was
		server.SplitData = true   // else data of several lines does not arrive
		server.CreateStream(topic)
		return serveHTTP(server, listener, func(number int, data string) error {
			server.Publish(topic, &r3labs.Event{ID: strconv.AppendInt(nil, int64(number), 10), Data: []byte(data)})
			return nil
		}), nil
	default:
		return nil, fmt.Errorf("there is no variant %q", variant)
	}
}

// startChitor serves a hub as it is without any configuration.
func startChitor(ctx context.Context, listener net.Listener) (*hub, error) {
	var h *sse.Hub
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		h = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return h.Join(s, topic) })
		})
	}
	server := engine.EmbeddedServer(module, engine.Listener(listener), engine.Logger(slog.New(slog.DiscardHandler)))
	if err := server.Start(ctx); err != nil {
		return nil, err
	}
	return &hub{
		publish: func(_ int, data string) error { return h.Publish(ctx, topic, sse.Event{Data: data}) },
		stop:    func() error { return server.Stop(ctx) },
	}, nil
}

// serveHTTP serves with net/http alone, with the time-outs of the embedded
// server.
func serveHTTP(handler http.Handler, listener net.Listener, publish func(int, string) error) *hub {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan error)
	go func() { done <- server.Serve(listener) }()
	return &hub{publish: publish, stop: func() error {
		err := server.Close()
		if ended := <-done; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	}}
}
