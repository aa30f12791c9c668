package sse_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestHeartbeatOnlyWhenIdle(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = 10 * time.Second
					h.OnlyIdle = true
				})
				for _, wait := range []string{"4s", "9s", "9s", "25s"} {
					wait, err := time.ParseDuration(wait)
					assert.NoError(t, err)
					if err := s.Delay(wait); err != nil {
						return err
					}
					if err := s.SendText("event"); err != nil {
						return err
					}
				}
				return nil
			})
		})
		assert.Equal(t, []string{
			"0s heartbeat", "4s event", "13s event", "22s event", "32s heartbeat", "42s heartbeat", "47s event", "47s end",
		}, timeline(t, h.get("/events")))
	})
}

func TestEventOnItsWayIsNoIdleTime(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		large := strings.Repeat(strings.Repeat("x", 1<<10)+"\n", 200)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = 10 * time.Second
					h.OnlyIdle = true
				})
				if err := s.Delay(9 * time.Second); err != nil {
					return err
				}
				if err := s.SendText(large); err != nil {
					return err
				}
				return s.Delay(15 * time.Second)
			})
		})
		response := h.get("/events")
		// The client reads only now, and the event that was begun at 9 s arrives.
		elapse(12 * time.Second)
		assert.Equal(t, []string{"0s heartbeat", "0s " + large, "10s heartbeat", "15s end"}, timeline(t, response))
	})
}

func TestProviderIsNotAskedWhenThereIsNoNeed(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				asked := 0
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = 10 * time.Second
					h.OnlyIdle = true
					h.EventProvider = func(context.Context) (sse.Event, error) {
						asked++
						return sse.Event{Data: "beat"}, nil
					}
				})
				for range 20 {
					if err := s.Delay(5 * time.Second); err != nil {
						return err
					}
					if err := s.SendText("event"); err != nil {
						return err
					}
				}
				assert.Equal(t, 1, asked)
				return nil
			})
		})
		h.text(http.MethodGet, "/events")
	})
}

func TestBeatOfACommentEndsNoEvent(t *testing.T) {
	for name, test := range map[string]struct {
		event sse.Event
		want  string
	}{
		"default":           {sse.Event{Comments: "heartbeat"}, ": heartbeat\r\n: heartbeat\r\ndata: event\r\n\r\n"},
		"comment":           {sse.Event{Comments: "beat"}, ": beat\r\n: beat\r\ndata: event\r\n\r\n"},
		"comment of lines":  {sse.Event{Comments: "a\nb"}, ": a\r\n: b\r\n: a\r\n: b\r\ndata: event\r\n\r\n"},
		"comment and retry": {sse.Event{Comments: "a", Retry: time.Second}, "retry: 1000\r\n: a\r\n\r\nretry: 1000\r\n: a\r\n\r\ndata: event\r\n\r\n"},
		"retry":             {sse.Event{Retry: time.Second}, "retry: 1000\r\n\r\nretry: 1000\r\n\r\ndata: event\r\n\r\n"},
		"nothing":           {sse.Event{}, "data: \r\n\r\ndata: \r\n\r\ndata: event\r\n\r\n"},
		"data":              {sse.Event{Data: "beat"}, "data: beat\r\n\r\ndata: beat\r\n\r\ndata: event\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						s.Heartbeat(func(h *sse.HeartbeatConfig) {
							h.Period = 10 * time.Second
							h.Event = test.event
						})
						if err := s.Delay(15 * time.Second); err != nil {
							return err
						}
						return s.SendText("event")
					})
				})
				_, body := h.text(http.MethodGet, "/events")
				assert.Equal(t, test.want, body)
			})
		})
	}
}

func TestHeartbeatForAllStreams(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) {
			c.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = 10 * time.Second })
		}, func(r *routing.Route) {
			r.SSE("/silent", func(s *sse.Session) error { return s.Delay(25 * time.Second) })
			r.SSE("/own", func(s *sse.Session) error {
				if err := s.Delay(time.Second); err != nil {
					return err
				}
				s.Heartbeat(every(20*time.Second, "own"))
				return s.Delay(30 * time.Second)
			})
		})
		assert.Equal(t, []string{"0s heartbeat", "10s heartbeat", "20s heartbeat", "25s end"}, timeline(t, h.get("/silent")))
		assert.Equal(t, []string{"0s heartbeat", "1s own", "21s own", "31s end"}, timeline(t, h.get("/own")))
	})
}
