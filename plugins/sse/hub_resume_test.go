package sse_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
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

// What comes from outside as a Last-Event-ID leads to no more than the word that
// something is missed.
func TestHostileIDs(t *testing.T) {
	for name, id := range map[string]string{
		"garbage":           "garbage",
		"no offset":         "abc-",
		"negative":          "abc--1",
		"another log":       "abc-1",
		"beyond 64 bits":    "abc-99999999999999999999999",
		"256 bytes":         strings.Repeat("7", 256),
		"far in the future": "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, news(&hub))
				put(t, hub, "a", "1")
				first := host.Get("/events?topic=a")
				synctest.Wait()
				put(t, hub, "a", "2")
				known := ssetest.Take(t, first.Body, 1)[0].ID
				at, err := sse.ParsePosition(known)
				require.NoError(t, err)
				if id == "" {
					id = sse.Position{Epoch: at.Epoch, Offset: 1 << 63}.String()
				}
				response := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", id))
				synctest.Wait()
				put(t, hub, "a", "3")
				events := ssetest.Take(t, response.Body, 2)
				assert.Equal(t, sse.Event{Event: "missed", Data: `["a"]`}, events[0])
				assert.Equal(t, "3", events[1].Data)
			})
		})
	}
}

// A gap is told by topic: whose topics have lost nothing learns nothing of it.
func TestGapIsToldByTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.LogEvents = 5 }))
		first := host.Get("/events?topic=quiet")
		synctest.Wait()
		put(t, hub, "quiet", "1")
		id := ssetest.Take(t, first.Body, 1)[0].ID
		require.NoError(t, first.Body.Close())
		synctest.Wait()
		put(t, hub, "loud", "1", "2", "3", "4", "5", "6", "7")
		put(t, hub, "quiet", "2")
		assert.Equal(t, []string{"2"}, take(t, host.Get("/events?topic=quiet", apptest.Header("Last-Event-ID", id)), 1))
		both := ssetest.Take(t, host.Get("/events?topic=quiet&topic=loud", apptest.Header("Last-Event-ID", id)).Body, 2)
		assert.Equal(t, []string{`["loud"]`, "2"}, dataOf(both))
	})
}

// The newest event of a topic that nobody has joined leaves with the log: who wants it
// alone, and comes back without it, is told.
func TestTheNewestEventThatWasForgottenIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			hub = sse.NewHub(a, func(c *sse.HubConfig) { c.LogEvents = 5 })
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/state", func(s *sse.Session) error { return hub.Newest().Join(s, "quiet") })
			})
		})
		first := host.Get("/state")
		synctest.Wait()
		put(t, hub, "quiet", "1")
		id := ssetest.Take(t, first.Body, 1)[0].ID
		require.NoError(t, first.Body.Close())
		synctest.Wait()
		put(t, hub, "loud", "1", "2", "3", "4", "5", "6", "7")
		again := host.Get("/state", apptest.Header("Last-Event-ID", id))
		synctest.Wait()
		put(t, hub, "quiet", "2")
		got := ssetest.Take(t, again.Body, 1)[0]
		assert.Equal(t, "2", got.Data, "it had the newest, and has missed nothing")
		require.NoError(t, again.Body.Close())
		synctest.Wait()
		put(t, hub, "quiet", "3")
		put(t, hub, "loud", "1", "2", "3", "4", "5", "6", "7")
		assert.Equal(t, []string{`["quiet"]`}, take(t, host.Get("/state", apptest.Header("Last-Event-ID", got.ID)), 1))
	})
}

// A comment is no event, and takes the place of none.
func TestACommentIsNotTheNewestEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub = sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/state", func(s *sse.Session) error { return hub.Newest().Join(s, "state") })
			})
		})
		put(t, hub, "state", "1")
		require.NoError(t, hub.Publish(t.Context(), "state", sse.Event{Comments: "still here"}))
		assert.Equal(t, []string{"1"}, take(t, host.Get("/state"), 1))
	})
}

// So is a client that comes from where the hub cannot tell whether it has the newest
// event: from another log, or from before the log of a hub with a broker.
func TestTheNewestEventThatTheHubDoesNotKnowIsMissed(t *testing.T) {
	for name, test := range map[string]struct {
		broker bool
		id     string
		told   bool
	}{
		"another log":                    {id: "other-1", told: true},
		"another log, by a broker":       {broker: true, id: "other-1", told: true},
		"no position":                    {id: "garbage", told: true},
		"before the log":                 {broker: true, id: "moody1-0", told: true},
		"beyond what the hub has so far": {broker: true, id: "moody1-100"},
		"a new client":                   {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, func(a *app.Application) {
					hub = sse.NewHub(a, func(c *sse.HubConfig) {
						if c.LogEvents = 2; test.broker {
							c.Broker = newMoodyBroker(func(sse.Message) {})
						}
					})
					a.Install(sse.Plugin)
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/state", func(s *sse.Session) error { return hub.Newest().Join(s, "quiet", "known") })
					})
				})
				synctest.Wait()
				put(t, hub, "quiet", "1")
				put(t, hub, "loud", "1", "2", "3")
				put(t, hub, "known", "2")
				var options []apptest.RequestOption
				if test.id != "" {
					options = append(options, apptest.Header("Last-Event-ID", test.id))
				}
				response := host.Get("/state", options...)
				synctest.Wait()
				put(t, hub, "quiet", "3")
				got := take(t, response, 2)
				if test.told {
					got = append(got, take(t, response, 1)...)
					assert.Equal(t, `["quiet"]`, got[0])
					got = got[1:]
				}
				assert.Equal(t, []string{"2", "3"}, got)
			})
		})
	}
}

// A client that loses its connection before its first event gets what it would have
// got, because it was told where it began.
func TestClientComesBackBeforeItsFirstEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		require.NoError(t, hub.Publish(t.Context(), "a", sse.Event{Data: "before"}))
		response := host.Get("/events?topic=a")
		line, err := bufio.NewReader(response.Body).ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		synctest.Wait()
		require.NoError(t, hub.Publish(t.Context(), "a", sse.Event{Data: "meanwhile"}))
		id := strings.TrimSpace(strings.TrimPrefix(line, "id: "))
		again := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", id))
		assert.Equal(t, []string{"meanwhile"}, take(t, again, 1))
	})
}

func TestHeadOfAHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		response := host.Head("/events?topic=a")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
		assert.Zero(t, hub.Stats().Sessions)
	})
}

// The bytes of a hub's events: the ID first, and none for what is no event to a
// client.
func TestBytesOfAHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		response := host.Get("/events?topic=a")
		synctest.Wait()
		for _, event := range []sse.Event{
			{Data: "one\ntwo"}, {Comments: "a comment"}, {Event: "named"}, {Retry: 3 * time.Second}, {Data: "last"},
		} {
			require.NoError(t, hub.Publish(t.Context(), "a", event))
		}
		hub.Close()
		text, err := rest(response)
		require.NoError(t, err)
		_, id, _ := strings.Cut(text, "id: ")
		epoch, _, _ := strings.Cut(id, "-")
		assert.Equal(t, strings.Join([]string{
			"id: E-0", "",
			"id: E-1", "data: one", "data: two", "",
			": a comment", "",
			"id: E-3", "event: named", "data: ", "",
			"retry: 3000", "",
			"id: E-5", "data: last", "", "",
		}, "\r\n"), strings.ReplaceAll(text, epoch+"-", "E-"))
	})
}

func TestMistakesOfPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		apptest.Start(t, news(&hub))
		for name, event := range map[string]sse.Event{
			"an ID":              {ID: "1", Data: "x"},
			"a line break":       {Event: "two\nlines", Data: "x"},
			"more than LogBytes": {Data: strings.Repeat("x", 5<<20)},
			"a negative retry":   {Retry: -time.Second, Data: "x"},
		} {
			assert.ErrorIs(t, hub.Publish(t.Context(), "a", event), sse.ErrInvalidEvent, name)
		}
		assert.ErrorContains(t, hub.Publish(t.Context(), "", sse.Event{Data: "x"}), "topic is empty")
		assert.Zero(t, hub.Stats().LogEvents)
	})
}

// Who publishes need not wait: when its context ends, nothing has been published.
func TestPublishEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			return joinNews(h, s)
		}, func(c *sse.HubConfig) { c.LogEvents, c.StallLimit = 20, 0 }), apptest.Buffer(4<<10))
		listen(t, host)
		synctest.Wait()
		flood(t, hub, 22)
		late := errors.New("too late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, late)
		defer cancel()
		began := time.Now()
		var err error
		for range 10 { // the log may have room for some
			if err = hub.Publish(ctx, "news", sse.Event{Data: strings.Repeat("x", 1<<10)}); err != nil {
				break
			}
		}
		assert.ErrorIs(t, err, late)
		assert.Equal(t, 100*time.Millisecond, time.Since(began))
		assert.Equal(t, 1, hub.Stats().Sessions, "and nobody was ended for it")
	})
}

// A client that goes does not take along those that wait for the same part of the
// broker's log.
func TestRangeIsAskedForAgainWhenWhoAsksHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newMoodyBroker(func(sse.Message) {})
		var hub *sse.Hub
		var once sync.Once
		told := make(chan []string, 1)
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			once.Do(func() { hub = h })
			if err := h.Join(s, "a"); err != nil {
				return err
			}
			missed := h.Missed(s)
			if s.Call().QueryParam("stay") != "" {
				told <- missed
			}
			return nil
		}, func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 2 }))
		require.NoError(t, host.Get("/events").Body.Close())
		put(t, hub, "a", "1", "2", "3", "4", "5")
		synctest.Wait()
		broker.forget(3)
		broker.setMood(moodHanging)
		id := apptest.Header("Last-Event-ID", broker.position(1).String())
		first := host.Get("/events", id) // the head leaves after 100 ms
		host.Get("/events?stay=1", id)
		synctest.Wait()
		require.NoError(t, first.Body.Close())
		synctest.Wait()
		broker.setMood(moodGood)
		synctest.Wait()
		assert.Equal(t, []string{"a"}, <-told)
	})
}

// What is read out of the broker's log is counted as what it is.
func TestSentCountsWhatComesOutOfTheBrokersLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newMoodyBroker(func(sse.Message) {})
		var hub *sse.Hub
		var session *sse.Session
		n := 0
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub, session = h, s
			return joinNews(h, s)
		}, func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 2 }))
		host.Get("/events")
		synctest.Wait()
		for range 10 { // what the other has sent is used again
			put(t, hub, "news", "1")
			synctest.Wait()
			response := host.Get("/events", apptest.Header("Last-Event-ID", broker.position(1).String()))
			n++
			take(t, response, n)
			synctest.Wait()
			events, _ := session.Sent()
			assert.Equal(t, int64(n), events)
			require.NoError(t, response.Body.Close())
		}
	})
}
