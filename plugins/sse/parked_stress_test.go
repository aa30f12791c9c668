package sse_test

import (
	"context"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
)

// TestParkedStreamsUnderStress: clients with small windows come, read a little and
// go, while everybody writes to them, and ends them. Each stream that was opened
// ends once, and nothing is left.
func TestParkedStreamsUnderStress(t *testing.T) {
	for _, tr := range transports[:5] {
		switch tr.name {
		case "tcp", "wrapped", "TLS":
			t.Run(tr.name, func(t *testing.T) { stress(t, tr) })
			requireNoneLeft(t)
		}
	}
}

func stress(t *testing.T, tr transport) {
	const clients, each = 40, 5
	w := tr.open(t, setting{
		hub:    func(c *sse.HubConfig) { c.LogEvents, c.StallLimit = 50, 20*time.Millisecond },
		plugin: func(c *sse.Config) { c.WriteTimeout = 100 * time.Millisecond },
		serve: func(w *ward, s *sse.Session) error {
			s.Heartbeat(every(3*time.Millisecond, "beat"))
			if s.ID()%3 == 0 {
				s.Go(func(context.Context) error {
					_ = s.SendText("work") // it may have ended
					return nil
				})
			}
			return w.hub.Join(s, "news")
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var others, visitors sync.WaitGroup
	for range 2 {
		others.Go(func() {
			for ctx.Err() == nil {
				_ = w.hub.Publish(ctx, "news", sse.Event{Data: string(make([]byte, rand.IntN(8<<10)))})
			}
		})
	}
	others.Go(func() { // somebody who has the sessions
		next := time.NewTicker(time.Millisecond)
		defer next.Stop()
		for ; ctx.Err() == nil; <-next.C {
			for s := range w.sessions.All() {
				switch rand.IntN(20) {
				case 0:
					s.Close()
				case 1:
					s.Go(func(context.Context) error {
						_ = s.SendText("more work")
						return nil
					})
				case 2:
					go func() { _ = s.SendText("sent") }()
				case 3:
					_ = w.hub.Join(s, "more")
				case 4:
					w.hub.Leave(s, "more")
				}
			}
		}
	})
	for range clients {
		visitors.Go(func() {
			for range each {
				conn := w.dial()
				_, _ = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
				_ = conn.SetReadDeadline(time.Now().Add(time.Duration(rand.IntN(100)) * time.Millisecond))
				_, _ = io.CopyN(io.Discard, conn, int64(rand.IntN(64<<10)))
				sever(conn)
			}
		})
	}
	visitors.Wait()
	w.wait("all have ended", func() bool { return w.sessions.Stats().Open == 0 })
	cancel()
	others.Wait()
	assert.NoError(t, w.stop())
	stats := w.sessions.Stats()
	assert.EqualValues(t, stats.Opened, w.calls.Load(), "OnEnd is called once for each: %+v", stats)
	assert.Zero(t, stats.Open)
	assert.Zero(t, stats.Parked)
	assert.Zero(t, stats.Held)
	assert.Zero(t, stats.Failed)
	assert.Empty(t, w.log.take("level=ERROR"))
	t.Logf("%+v", stats)
}
