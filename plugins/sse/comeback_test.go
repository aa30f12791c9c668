package sse_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A client comes back with the ID of what it was sent, and would be refused for
// good with one that is over the limit.
func TestWhatIsSentMayComeBack(t *testing.T) {
	for name, test := range map[string]struct {
		limit, length int
		sent          bool
	}{
		"at the limit":          {10, 10, true},
		"over the limit":        {10, 11, false},
		"at the default":        {256, 256, true},
		"over the default":      {256, 257, false},
		"long without a limit":  {0, 10_000, true},
		"none":                  {10, 0, true},
		"at a limit of nothing": {1, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				id := strings.Repeat("7", test.length)
				var refusal error
				h := startWith(t, protocol, func(c *sse.Config) {
					assert.Equal(t, 256, c.LastEventIDLimit)
					c.LastEventIDLimit = test.limit
				}, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						if s.LastEventID() == "" {
							refusal = s.Send(sse.Event{ID: id, Data: "one"})
						}
						return s.SendText("two")
					})
				})
				status, body := h.text(http.MethodGet, "/events")
				require.Equal(t, http.StatusOK, status)
				assert.Equal(t, test.sent, refusal == nil)
				assert.Equal(t, test.sent, strings.Contains(body, "data: one"), "nothing is written of what is refused")
				assert.Contains(t, body, "data: two", "and the stream goes on")
				if !test.sent {
					assert.ErrorIs(t, refusal, sse.ErrInvalidEvent)
					assert.ErrorContains(t, refusal, "LastEventIDLimit lets clients come back with ")
					return
				}
				if id != "" {
					status, _ = h.text(http.MethodGet, "/events", "Last-Event-ID", id)
					assert.Equal(t, http.StatusOK, status)
				}
			})
		})
	}
}

// Whoever makes the event is told alike.
func TestEverySenderIsToldOfALongID(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		long := sse.Event{ID: "1234"}
		h := startWith(t, protocol, func(c *sse.Config) {
			c.LastEventIDLimit = 3
			c.Serializer = sse.JSON
			c.LastEvent = func(*sse.Session, error) sse.Event { return long }
		}, func(r *routing.Route) {
			r.SSE("/typed", func(s *sse.Session) error {
				assert.ErrorIs(t, s.SendTyped(sse.TypedEvent{Data: 1, ID: "1234"}), sse.ErrInvalidEvent)
				return nil
			})
			r.SSE("/beat", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Event = long })
				return s.Context().Err()
			})
			r.SSE("/provider", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.EventProvider = func(context.Context) (sse.Event, error) { return long, nil }
				})
				<-s.Context().Done()
				return nil
			})
			r.SSE("/last", func(s *sse.Session) error {
				<-s.Context().Done()
				return nil
			})
		})
		_, body := h.text(http.MethodGet, "/typed")
		assert.Empty(t, body)
		for _, path := range []string{"/beat", "/provider"} {
			assert.Equal(t, http.StatusInternalServerError, h.get(path).StatusCode, "the head has not left")
			settle()
			logged := h.log.take("the call failed")
			require.Len(t, logged, 1, path)
			assert.Contains(t, logged[0], "LastEventIDLimit")
		}
		last := h.get("/last")
		h.stop()
		_, err := rest(last)
		assert.NoError(t, err)
		assert.Len(t, h.log.take("LastEventIDLimit"), 1)
	})
}
