package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

func TestSendFromManyGoroutinesNeverInterleaves(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const senders, each = 16, 25
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = time.Millisecond
					h.Event = sse.Event{Event: "beat", Data: "beat\nbeat"}
				})
				var sending sync.WaitGroup
				for sender := range senders {
					sending.Go(func() {
						// Sizes on both sides of what the writers below hold
						// back.
						data := strings.Repeat(string(rune('a'+sender))+"\n", 1+sender*200)
						for i := range each {
							assert.NoError(t, s.Send(sse.Event{Event: "data", Data: data, ID: fmt.Sprint(i)}))
						}
					})
				}
				sending.Wait()
				return s.Send(sse.Event{Event: "end"})
			})
		})
		next := map[byte]int{}
		response := h.get("/events")
		for event, err := range sse.NewReader(response.Body).All() {
			require.NoError(t, err)
			switch event.Event {
			case "beat":
				require.Equal(t, "beat\nbeat", event.Data)
			case "data":
				sender := event.Data[0]
				require.Equal(t, strings.Repeat(string(rune(sender))+"\n", 1+int(sender-'a')*200), event.Data)
				require.Equal(t, fmt.Sprint(next[sender]), event.ID, "the events of one sender keep their order")
				next[sender]++
			case "end":
				for sender := range senders {
					require.Equal(t, each, next[byte('a'+sender)])
				}
			default:
				require.Fail(t, "a torn event", "%v", event)
			}
		}
		assert.Len(t, next, senders)
	})
}

func TestInvalidEventIsRefusedAndTheSessionGoesOn(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for _, event := range []sse.Event{
					{Data: "x", ID: "two\nlines"},
					{Data: "x", Event: "two\rlines"},
					{Data: "x", Retry: -time.Second},
				} {
					assert.ErrorIs(t, s.Send(event), sse.ErrInvalidEvent)
					assert.ErrorContains(t, s.Send(event), "send event: encode event: ")
				}
				assert.NoError(t, s.Context().Err())
				return s.SendText("hello")
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestLargeEvent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		// 512 KiB: more than one piece, more than any buffer.
		data := strings.Repeat("0123456789abcdef", 1<<15)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for range 3 {
					if err := s.SendText(data); err != nil {
						return err
					}
				}
				return nil
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		wire := encode(t, sse.Event{Data: data})
		assert.Len(t, body, 3*len(wire))
		assert.Equal(t, 3, strings.Count(body, wire))
	})
}

func TestEachEventLeavesAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for i := range 5 {
					if err := s.SendText(fmt.Sprint(i)); err != nil {
						return err
					}
					if err := s.Delay(time.Second); err != nil {
						return err
					}
				}
				return nil
			})
		})
		began := time.Now()
		response := h.get("/events")
		for i := range 5 {
			assert.Equal(t, []sse.Event{{Data: fmt.Sprint(i)}}, ssetest.Take(t, response.Body, 1))
			assert.Equal(t, time.Duration(i)*time.Second, time.Since(began))
		}
	})
}

func TestDelayWaitsForATimeThatIsPositive(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for d, want := range map[time.Duration]time.Duration{
					time.Minute:  time.Minute,
					1:            1,
					0:            0,
					-time.Minute: 0,
				} {
					began := time.Now()
					assert.NoError(t, s.Delay(d))
					assert.Equal(t, want, time.Since(began), d.String())
				}
				time.AfterFunc(time.Minute, s.Close)
				began := time.Now()
				err := s.Delay(time.Hour)
				assert.ErrorIs(t, err, sse.ErrClosed)
				assert.EqualError(t, err, "delay: event stream is closed")
				assert.Equal(t, time.Minute, time.Since(began), "it ends early")
				for _, d := range []time.Duration{-1, 0, time.Hour} {
					assert.ErrorIs(t, s.Delay(d), sse.ErrClosed, d.String())
				}
				assert.Equal(t, time.Minute, time.Since(began))
				return nil
			})
		})
		h.text(http.MethodGet, "/events")
	})
}

func TestSessionKnowsItsCall(t *testing.T) {
	type key struct{}
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "value")))
				})
			})
			r.SSE("/users/{id}", func(s *sse.Session) error {
				assert.Equal(t, "value", s.Context().Value(key{}))
				call, ok := app.CallFrom(s.Context())
				assert.True(t, ok)
				assert.Same(t, s.Call(), call)
				assert.Equal(t, "/users/{id}", call.Route())
				return s.SendText(call.PathParam("id"))
			})
		})
		_, body := h.text(http.MethodGet, "/users/7")
		assert.Equal(t, "data: 7\r\n\r\n", body)
	})
}

// A middleware's own deadline is nobody's going away: the stream lacks its
// rest, and says so.
func TestMiddlewareEndsTheContext(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(within(time.Minute, nil))
			r.SSE("/events", func(s *sse.Session) error { return errors.Join(untilItEnds(ends)(s), context.Cause(s.Context())) })
		})
		body, err := rest(h.get("/events"))
		assertCut(t, protocol, err)
		assert.Equal(t, "data: hello\r\n\r\ndata: late\r\n\r\n", body)
		end := <-ends
		assert.Equal(t, context.DeadlineExceeded, end.cause)
		assert.Equal(t, time.Minute, end.after)
		settle()
		assert.Len(t, h.log.take("level=ERROR"), 1)
	})
}

func TestLogOfAStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for range 3 {
					if err := s.SendText("hello"); err != nil {
						return err
					}
				}
				return s.Delay(time.Minute)
			})
		})
		h.text(http.MethodGet, "/events")
		settle()
		lines := h.log.take("the event stream ended")
		require.Len(t, lines, 1)
		for _, want := range []string{"level=DEBUG", "route=/events", "duration=1m0s", "events=3", "bytes=45", `cause="event stream is closed: served"`} {
			assert.Contains(t, lines[0], want)
		}
		response := h.get("/events")
		elapse(time.Second)
		require.NoError(t, response.Body.Close())
		settle()
		lines = h.log.take("the event stream ended")
		require.Len(t, lines, 1)
		for _, want := range []string{"duration=1s", `cause="client has gone"`, `error="delay: client has gone"`} {
			assert.Contains(t, lines[0], want)
		}
	})
}
