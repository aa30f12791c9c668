package main

import (
	"context"
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// silence declares streams in which nothing happens but the heartbeat.
func silence(r *routing.Route) {
	// Three beats or four, then the farewell.
	r.SSE("/heartbeat", threeBeats)
	// The same as events, which is what Ktor's heartbeat sends.
	r.SSE("/heartbeat/ktor", func(s *sse.Session) error {
		for range 3 {
			if err := s.Comment("heartbeat"); err != nil {
				return err
			}
		}
		return s.Send(farewell())
	})

	// For as long as the client stays, at a pace for tests and at the default
	// one.
	r.SSE("/silent", silent(func(h *sse.HeartbeatConfig) { h.Period = 500 * time.Millisecond }))
	r.SSE("/silent/default", silent())

	// Not even a heartbeat.
	r.SSE("/mute", untilClosed())
}

// threeBeats ends when at least three beats have been sent.
func threeBeats(s *sse.Session) error {
	beats := make(chan struct{})
	s.Heartbeat(func(h *sse.HeartbeatConfig) {
		h.Period = 10 * time.Millisecond
		h.EventProvider = func(ctx context.Context) (sse.Event, error) {
			select {
			case beats <- struct{}{}:
			case <-ctx.Done():
			}
			return h.Event, nil
		}
	})
	// A beat is asked for when the one before has been written; the fourth may
	// come after the end.
	for range 4 {
		select {
		case <-beats:
		case <-s.Context().Done():
			return nil
		}
	}
	return s.Send(farewell())
}

func silent(configure ...func(*sse.HeartbeatConfig)) func(*sse.Session) error {
	return func(s *sse.Session) error {
		s.Heartbeat(configure...)
		return untilClosed()(s)
	}
}
