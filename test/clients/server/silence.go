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
	r.SSE("/heartbeat", func(s *sse.Session) error { return threeBeats(s) })
	r.SSE("/heartbeat/compact", func(s *sse.Session) error {
		return threeBeats(s, func(h *sse.HeartbeatConfig) { h.Compact = true })
	})

	// For as long as the client stays, at a pace for tests and at the default
	// one.
	r.SSE("/silent", silent(func(h *sse.HeartbeatConfig) { h.Period = 500 * time.Millisecond }))
	r.SSE("/silent/default", silent())

	// Not even a heartbeat.
	r.SSE("/mute", untilClosed())
}

// threeBeats ends when at least three beats have been sent.
func threeBeats(s *sse.Session, configure ...func(*sse.HeartbeatConfig)) error {
	beats := make(chan struct{})
	s.Heartbeat(append(configure, func(h *sse.HeartbeatConfig) {
		h.Period = 10 * time.Millisecond
		h.EventProvider = func(ctx context.Context) (sse.Event, error) {
			select {
			case beats <- struct{}{}:
			case <-ctx.Done():
			}
			return h.Event, nil
		}
	})...)
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
