package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// figures are numbers by name. Those that count something only grow, and the
// page makes rates of them: a page that has skipped some still knows how much
// there was in between.
type figures map[string]float64

// A meter takes the figures of an application.
type meter struct {
	hub      *sse.Hub
	history  *history
	sessions *sse.Sessions
	requests *atomic.Int64
	process  process
}

// newMeter returns the meter of an application whose modules have run.
func newMeter(a *app.Application, hub *sse.Hub, history *history) *meter {
	sessions, _ := sse.SessionsOf(a)
	requests, _ := app.InstanceOf[*atomic.Int64](Requests, a)
	return &meter{hub: hub, history: history, sessions: sessions, requests: requests, process: newProcess()}
}

// run takes the figures again and again until ctx ends, also while nobody
// looks: they are the history of the next page.
func (m *meter) run(ctx context.Context) error {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for now := time.Now(); ; {
		if err := m.publish(ctx, now); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case now = <-ticker.C:
		}
	}
}

// publish takes the figures once, keeps them and publishes them.
func (m *meter) publish(ctx context.Context, now time.Time) error {
	process := m.process.take()
	process["requests"] = float64(m.requests.Load())
	for topic, taken := range map[string]figures{
		"streams": ofStreams(m.sessions.Stats()),
		"hub":     ofHub(m.hub.Stats()),
		"process": process,
	} {
		taken["at"] = float64(now.UnixMilli())
		data, err := json.Marshal(taken)
		if err != nil {
			return fmt.Errorf("encode the figures of %s: %w", topic, err)
		}
		m.history.add(topic, taken) // before they are published: see Module
		err = m.hub.Publish(ctx, topic, sse.Event{Event: topic, Data: string(data)})
		if err != nil && !errors.Is(err, sse.ErrClosed) && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func ofStreams(s sse.Stats) figures {
	return figures{
		"open":    float64(s.Open),
		"opened":  float64(s.Opened),
		"refused": float64(s.Full + s.FullForKey + s.Refused),
		"events":  float64(s.Events),
		"bytes":   float64(s.Bytes),
		"served":  float64(s.Served),
		"gone":    float64(s.ClientsGone),
		"failed":  float64(s.Failed + s.WriteTimeouts),
	}
}

func ofHub(s sse.HubStats) figures {
	return figures{
		"sessions":  float64(s.Sessions),
		"topics":    float64(s.Topics),
		"logEvents": float64(s.LogEvents),
		"logBytes":  float64(s.LogBytes),
		"published": float64(s.Published),
		"delivered": float64(s.Delivered),
		"missed":    float64(s.Missed),
		"lagged":    float64(s.Lagged),
		"waited":    s.Waited.Seconds(),
	}
}
