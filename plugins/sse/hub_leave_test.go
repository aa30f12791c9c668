package sse_test

import (
	"cmp"
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
)

// What a client needs no longer holds no publisher up, at once, whatever it is
// that has ended the need.
func TestPublisherGoesOnWhenItsClientNeedsNothing(t *testing.T) {
	for name, test := range map[string]struct {
		end      func(*sse.Hub, *sse.Session)
		sessions int // that are there afterwards; one that is closed finishes its write
	}{
		"leaves the topic":        {func(h *sse.Hub, s *sse.Session) { h.Leave(s, "news") }, 1},
		"leaves, and comes again": {func(h *sse.Hub, s *sse.Session) { h.Leave(s, "news"); _ = h.Join(s, "news") }, 1},
		"leaves another topic":    {func(h *sse.Hub, s *sse.Session) { h.Leave(s, "other") }, 0},
		"leaves all topics":       {func(h *sse.Hub, s *sse.Session) { h.Leave(s, "news", "other") }, 0},
		"leaves the hub":          {func(h *sse.Hub, s *sse.Session) { h.Leave(s) }, 0},
		"is closed":               {func(_ *sse.Hub, s *sse.Session) { s.Close() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				var session *sse.Session
				host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
					hub, session = h, s
					return h.Join(s, "news", "other")
				}, func(c *sse.HubConfig) { c.LogEvents, c.StallLimit, c.LagLimit = 20, 8*time.Second, 0 }), apptest.Buffer(4<<10))
				listen(t, host)
				synctest.Wait()
				time.AfterFunc(2*time.Second, func() { test.end(hub, session) })
				held := flood(t, hub, 30)
				if name == "leaves another topic" {
					assert.Equal(t, 8*time.Second, held, "it needs the news all the same")
					assert.Equal(t, uint64(1), hub.Stats().Lagged)
				} else {
					assert.Less(t, held, 2*time.Second)
					assert.Greater(t, held, time.Second)
					assert.Zero(t, hub.Stats().Lagged, "it has nothing to lag behind")
				}
				assert.Equal(t, test.sessions, hub.Stats().Sessions)
			})
		})
	}
}

// A client that is deaf keeps what it needs of the topic it has not left.
func TestLeavingATopicLosesNothingOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var session *sse.Session
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub, session = h, s
			return h.Join(s, "news", "other")
		}, func(c *sse.HubConfig) { c.LogEvents, c.StallLimit, c.LagLimit = 20, 0, 0 }), apptest.Buffer(4<<10))
		conn := listen(t, host)
		synctest.Wait()
		flood(t, hub, 15)
		put(t, hub, "other", "the one of the other topic")
		time.AfterFunc(time.Second, func() { hub.Leave(session, "news") })
		flood(t, hub, 15) // it waits for the client, as far as that needs the news
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var held error
		for range 20 { // and then as far as it needs the other
			held = cmp.Or(held, hub.Publish(ctx, "news", sse.Event{Data: "more"}))
		}
		assert.ErrorIs(t, held, context.DeadlineExceeded)
		assert.Equal(t, 1, hub.Stats().Sessions)
		hub.Close()
		body, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Contains(t, string(body), "data: the one of the other topic\r\n")
		assert.NotContains(t, string(body), "data: more\r\n")
	})
}
