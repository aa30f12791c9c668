package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/reference"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// The variants.
const (
	handWritten = "reference"
	chitor      = "chitor"
)

// What is measured, each at a path of its own.
const (
	flood   = "/flood"   // Send again and again
	backlog = "/backlog" // SendFrom of a channel in which 500 events lie
	pairs   = "/pairs"   // two events every 5 ms
)

const (
	eventLength = 90                   // of an event in a flood, on the wire
	burst       = 500                  // events in a channel
	pause       = 5 * time.Millisecond // between two pairs
	pairsFor    = 4 * time.Second      // how long there are pairs
)

// streams returns how many streams there are at once.
func streams(path string) int {
	if path == pairs {
		return 50
	}
	return 4
}

func data() string { return strings.Repeat("x", eventLength-len("data: \r\n\r\n")) }

// serveStreams serves a variant until in ends, and says at which address.
func serveStreams(ctx context.Context, variant string, events int, in io.Reader, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var stop func() error
	switch variant {
	case handWritten:
		server := &http.Server{Handler: byHand(events), ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = server.Serve(listener) }()
		stop = server.Close
	case chitor:
		server := engine.EmbeddedServer(module(events), engine.Listener(listener), engine.Logger(slog.New(slog.DiscardHandler)))
		if err := server.Start(ctx); err != nil {
			return err
		}
		stop = func() error { return server.Stop(ctx) }
	default:
		return fmt.Errorf("there is no variant %q", variant)
	}
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	return stop()
}

func module(events int) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE(flood, func(s *sse.Session) error {
				text := data()
				for range events {
					if err := s.Send(sse.Event{Data: text}); err != nil {
						return err
					}
				}
				return nil
			})
			r.SSE(backlog, func(s *sse.Session) error {
				return inBursts(events, func(texts <-chan sse.Event) error { return s.SendFrom(texts) })
			})
			r.SSE(pairs, func(s *sse.Session) error { return inPairs(s.SendText) })
		})
	}
}

func byHand(events int) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(flood, reference.Handler(0, func(_ context.Context, s *reference.Stream) error {
		text := data()
		for range events {
			if err := s.Send("", "", text); err != nil {
				return err
			}
		}
		return nil
	}))
	mux.Handle(backlog, reference.Handler(0, func(_ context.Context, s *reference.Stream) error {
		return inBursts(events, func(texts <-chan sse.Event) error {
			for event := range texts {
				if err := s.Send("", "", event.Data); err != nil {
					return err
				}
			}
			return nil
		})
	}))
	mux.Handle(pairs, reference.Handler(0, func(_ context.Context, s *reference.Stream) error {
		return inPairs(func(text string) error { return s.Send("", "", text) })
	}))
	return mux
}

// inBursts sends events from channels that hold a number of them each.
func inBursts(events int, send func(<-chan sse.Event) error) error {
	text := data()
	for range events / burst {
		texts := make(chan sse.Event, burst)
		for range burst {
			texts <- sse.Event{Data: text}
		}
		close(texts)
		if err := send(texts); err != nil {
			return err
		}
	}
	return nil
}

// inPairs sends two events again and again, which say when they were sent.
func inPairs(send func(text string) error) error {
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	for range int(pairsFor / pause) {
		for range 2 {
			if err := send(strconv.FormatInt(time.Now().UnixNano(), 10)); err != nil {
				return err
			}
		}
		<-ticks.C
	}
	return nil
}
