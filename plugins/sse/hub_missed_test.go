package sse_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// Without an event for it, a client that has missed something is told so by 204,
// and nobody else.
func TestMissedIsNil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Missed = nil }))
		response := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", "abc-1"))
		assert.Equal(t, http.StatusNoContent, response.StatusCode)
		assert.Empty(t, apptest.Text(t, response))
		assert.Equal(t, http.StatusOK, host.Get("/events?topic=a").StatusCode)
	})
}

// A function that joins, and then sends a snapshot, refuses such a client too.
func TestMissedIsNilForAFunctionThatSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Missed = nil })
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					if err := hub.Join(s, "a"); err != nil {
						return err
					}
					return s.SendText("snapshot")
				})
			})
		})
		response := host.Get("/events", apptest.Header("Last-Event-ID", "abc-1"))
		assert.Equal(t, http.StatusNoContent, response.StatusCode)
		assert.Equal(t, "snapshot", ssetest.Take(t, host.Get("/events").Body, 1)[0].Data)
		assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
	})
}

// Whatever the function sends, and wherever it is known what is lost: a client that
// has missed something is answered 204, at once or when it comes back, and nothing
// else comes between that could be taken for the whole.
func TestMissedIsNilWhenTheHeadHasLeft(t *testing.T) {
	joinAnd := func(then func(*sse.Session) error) func(*sse.Hub, *sse.Session) error {
		return func(h *sse.Hub, s *sse.Session) error {
			if err := h.Join(s, "a"); err != nil {
				return err
			}
			return then(s)
		}
	}
	for name, test := range map[string]struct {
		serve func(*sse.Hub, *sse.Session) error
		mood  mood // of the broker while the client comes back
		first int  // the status of the first answer
		sent  string
	}{
		"the function sends nothing": {
			serve: joinAnd(func(*sse.Session) error { return nil }), first: http.StatusNoContent,
		},
		"it sends, and joins": {
			serve: func(h *sse.Hub, s *sse.Session) error {
				if err := s.SendText("hello"); err != nil {
					return err
				}
				return h.Join(s, "a")
			}, first: http.StatusOK, sent: "hello",
		},
		"it joins, and sends": {
			serve: joinAnd(func(s *sse.Session) error { return s.SendText("hello") }), first: http.StatusOK, sent: "hello",
		},
		"it waits for long": {
			serve: joinAnd(func(s *sse.Session) error { return s.Delay(time.Second) }), first: http.StatusOK,
		},
		"its work sends": {
			serve: joinAnd(func(s *sse.Session) error {
				s.Go(func(context.Context) error { return s.SendText("hello") })
				return s.Delay(time.Millisecond)
			}), first: http.StatusOK, sent: "hello",
		},
		"the broker is slow": {
			serve: joinAnd(func(*sse.Session) error { return nil }), mood: moodHanging, first: http.StatusOK,
		},
		"the broker is away": {
			serve: joinAnd(func(*sse.Session) error { return nil }), mood: moodFailing, first: http.StatusOK,
		},
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) {
					broker := newMoodyBroker(func(sse.Message) {})
					var hub *sse.Hub
					ends := make(chan error, 10)
					host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
						hub = h
						s.OnEnd(func(cause error) { ends <- cause })
						return test.serve(h, s)
					}, func(c *sse.HubConfig) { c.Broker, c.LogEvents, c.Missed = broker, 2, nil }), mode)
					require.NoError(t, host.Get("/events").Body.Close())
					synctest.Wait()
					<-ends
					put(t, hub, "a", "1", "2", "3", "4", "5", "6")
					synctest.Wait()
					broker.forget(3)
					broker.setMood(test.mood)
					time.AfterFunc(5*time.Second, func() { broker.setMood(moodGood) })
					response := host.Get("/events", apptest.Header("Last-Event-ID", broker.position(1).String()))
					require.Equal(t, test.first, response.StatusCode)
					if test.first == http.StatusNoContent {
						require.Error(t, <-ends)
						return
					}
					reader := sse.NewReader(response.Body)
					text := ""
					var cut error
					for event, err := range reader.All() {
						text += event.Data
						cut = err
					}
					assert.Equal(t, test.sent, text)
					assert.Error(t, cut, "nobody takes it for the whole")
					assert.ErrorIs(t, <-ends, sse.ErrLagged)
					assert.Equal(t, uint64(1), hub.Stats().Missed)
					response = host.Get("/events", apptest.Header("Last-Event-ID", reader.LastEventID()))
					assert.Equal(t, http.StatusNoContent, response.StatusCode)
					assert.Empty(t, apptest.Text(t, response))
					assert.Empty(t, ends, "the function is not asked")
					assert.Empty(t, host.Log().AtLeast(slog.LevelError))
				})
			})
		})
	}
}

// A gap while the stream is open ends it, also where clients come back without
// positions.
func TestMissedIsNilAndTheBrokerBeginsAnew(t *testing.T) {
	for name, replay := range map[string]bool{"with Replay": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := sse.NewMemoryBroker(0)
				var hub *sse.Hub
				host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) {
					c.Broker, c.Missed, c.Replay = broker, nil, replay
				}))
				response := host.Get("/events?topic=a")
				synctest.Wait()
				put(t, hub, "a", "1")
				synctest.Wait()
				broker.Reset()
				reader := sse.NewReader(response.Body)
				var got []string
				for event, err := range reader.All() {
					if err == nil {
						got = append(got, event.Data)
					}
				}
				assert.Equal(t, []string{"1"}, got)
				response = host.Get("/events?topic=a", apptest.Header("Last-Event-ID", reader.LastEventID()))
				assert.Equal(t, http.StatusNoContent, response.StatusCode)
			})
		})
	}
}

// A function that asks tells the client itself, whatever has left before.
func TestMissedIsNilAndTheFunctionAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		var hub *sse.Hub
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			if err := s.SendText("hello"); err != nil {
				return err
			}
			if err := h.Join(s, "a"); err != nil {
				return err
			}
			if h.Missed(s) != nil {
				return s.SendText("you have missed something")
			}
			return nil
		}, func(c *sse.HubConfig) { c.Broker, c.Missed = broker, nil }))
		response := host.Get("/events", apptest.Header("Last-Event-ID", "other-1"))
		assert.Equal(t, []string{"hello", "you have missed something"}, take(t, response, 2))
		put(t, hub, "a", "and on")
		assert.Equal(t, []string{"and on"}, take(t, response, 1))
	})
}
