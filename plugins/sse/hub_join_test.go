package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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

// hubOf serves /events by a function that is given the hub.
func hubOf(serve func(*sse.Hub, *sse.Session) error, configure ...func(*sse.HubConfig)) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		hub := sse.NewHub(a, configure...)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return serve(hub, s) })
		})
	}
}

// put publishes what must succeed.
func put(t *testing.T, hub *sse.Hub, topic string, data ...string) {
	t.Helper()
	for _, each := range data {
		require.NoError(t, hub.Publish(t.Context(), topic, sse.Event{Data: each}))
	}
}

// dataOf returns the data of events.
func dataOf(events []sse.Event) (data []string) {
	for _, event := range events {
		data = append(data, event.Data)
	}
	return data
}

// take returns the data of the next events of a stream.
func take(t *testing.T, response *http.Response, n int) []string {
	t.Helper()
	return dataOf(ssetest.Take(t, response.Body, n))
}

// Join, a snapshot, return: what is published between is in the snapshot or comes
// after it, whatever happens in between.
func TestSnapshotHasNoGap(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			state := 0
			host := apptest.Start(t, hubOf(func(hub *sse.Hub, s *sse.Session) error {
				put(t, hub, "news", "before")
				if err := hub.Join(s, "news"); err != nil {
					return err
				}
				put(t, hub, "news", "1", "2")
				state = 2
				if err := s.Send(sse.Event{Data: fmt.Sprint("snapshot of ", state)}); err != nil {
					return err
				}
				put(t, hub, "news", "3")
				if err := s.Delay(time.Second); err != nil {
					return err
				}
				if err := s.SendText("end of the snapshot"); err != nil {
					return err
				}
				put(t, hub, "news", "4")
				return nil
			}), mode)
			assert.Equal(t, []string{"snapshot of 2", "end of the snapshot", "1", "2", "3", "4"}, take(t, host.Get("/events"), 6))
		})
	})
}

// A function that has joined and publishes more than the log holds does not wait
// for its own session.
func TestPublishInTheFunctionDoesNotWaitForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := make(chan error, 1)
		host := apptest.Start(t, hubOf(func(hub *sse.Hub, s *sse.Session) error {
			s.OnEnd(func(cause error) { ends <- cause })
			if err := hub.Join(s, "news"); err != nil {
				return err
			}
			began := time.Now()
			for i := range 20 {
				put(t, hub, "news", fmt.Sprint(i))
			}
			assert.Zero(t, time.Since(began))
			return nil
		}, func(c *sse.HubConfig) { c.LogEvents = 5 }))
		_, err := rest(host.Get("/events"))
		assert.Error(t, err, "what it needed is lost, and it is not told that all is well")
		assert.ErrorIs(t, <-ends, sse.ErrLagged)
	})
}

// What the function ends with wins over what it has joined.
func TestFunctionWinsOverJoin(t *testing.T) {
	for name, test := range map[string]struct {
		end    func(s *sse.Session) error
		status int
		cause  error
	}{
		"error":   {func(*sse.Session) error { return app.NewError(http.StatusTeapot, "no") }, http.StatusTeapot, nil},
		"panic":   {func(*sse.Session) error { panic("no") }, http.StatusInternalServerError, nil},
		"abort":   {func(*sse.Session) error { panic(http.ErrAbortHandler) }, 0, nil},
		"Close":   {func(s *sse.Session) error { s.Close(); return nil }, http.StatusOK, sse.ErrClosed},
		"closing": {func(s *sse.Session) error { s.Close(); return errors.New("late") }, http.StatusOK, sse.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				ends := make(chan error, 1)
				host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
					hub = h
					s.OnEnd(func(cause error) { ends <- cause })
					if err := h.Join(s, "news"); err != nil {
						return err
					}
					put(t, h, "news", "never seen")
					return test.end(s)
				}))
				response, err := host.Client().Get(host.URL + "/events")
				if test.status == 0 {
					require.Error(t, err)
				} else {
					require.NoError(t, err)
					assert.Equal(t, test.status, response.StatusCode)
					assert.NotContains(t, apptest.Text(t, response), "never seen")
				}
				cause := <-ends
				require.Error(t, cause)
				if test.cause != nil {
					assert.ErrorIs(t, cause, test.cause)
				}
				assert.Zero(t, hub.Stats().Sessions)
			})
		})
	}
}

func TestLeavingTheLastTopicEndsTheStream(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			var session *sse.Session
			var hub *sse.Hub
			host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
				hub, session = h, s
				return h.Join(s, "a", "b")
			}), mode)
			response := host.Get("/events")
			synctest.Wait()
			put(t, hub, "a", "1")
			put(t, hub, "b", "2")
			synctest.Wait()
			hub.Leave(session, "a", "unknown")
			put(t, hub, "a", "3")
			put(t, hub, "b", "4")
			synctest.Wait()
			assert.Equal(t, 1, hub.Stats().Sessions)
			hub.Leave(session, "b")
			put(t, hub, "b", "5")
			var got []string
			for event := range ssetest.Events(t, response.Body) {
				got = append(got, event.Data)
			}
			assert.Equal(t, []string{"1", "2", "4"}, got, "and the stream has ended cleanly")
			assert.Zero(t, hub.Stats().Sessions)
			assert.Error(t, hub.Join(session, "a"))
			hub.Leave(session) // changes nothing
		})
	})
}

// Who has joined may join more when the function has returned; nobody else may.
func TestJoinAfterTheFunctionHasReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var joined, other *sse.Session
		goOn := make(chan struct{})
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			if s.Call().QueryParam("join") == "" {
				other = s
				s.Go(func(context.Context) error {
					<-goOn
					return nil
				})
				return nil
			}
			joined = s
			return h.Join(s, "a")
		}))
		response := host.Get("/events?join=1")
		rests := make(chan string, 1)
		go func() {
			response, err := host.Client().Get(host.URL + "/events")
			if assert.NoError(t, err) {
				text, _ := rest(response)
				rests <- text
			}
		}()
		synctest.Wait()
		put(t, hub, "b", "too early")
		require.NoError(t, hub.Join(joined, "b"))
		require.NoError(t, hub.Where(func(string, sse.Event) bool { return true }).Join(joined, "c"))
		put(t, hub, "b", "1")
		put(t, hub, "c", "2")
		put(t, hub, "a", "3")
		assert.Equal(t, []string{"1", "2", "3"}, take(t, response, 3))
		assert.ErrorContains(t, hub.Join(other, "a"), "has returned")
		close(goOn)
		assert.Empty(t, <-rests)
		assert.Error(t, hub.Join(other, "a"))
	})
}

func TestMistakesOfJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var foreign *sse.Hub
		apptest.Start(t, hubOf(func(*sse.Hub, *sse.Session) error { return nil }), apptest.Module(func(a *app.Application) {
			foreign = sse.NewHub(a)
		}))
		var closed, second, silent *sse.Hub
		host := apptest.Start(t, hubOf(func(hub *sse.Hub, s *sse.Session) error {
			assert.ErrorContains(t, hub.Join(s), "no topic")
			assert.ErrorContains(t, hub.Join(s, "a", ""), "empty")
			assert.ErrorContains(t, hub.Where(nil).Join(s, "a"), "nil")
			assert.ErrorContains(t, hub.Newest().Where(nil).Join(s, "a"), "nil")
			assert.ErrorContains(t, sse.Selection{}.Join(s, "a"), "no hub")
			assert.ErrorContains(t, foreign.Join(s, "a"), "another application")
			assert.ErrorContains(t, hub.Join(s, "a", "a"), "already")
			assert.ErrorIs(t, closed.Join(s, "a"), sse.ErrClosed)
			assert.Zero(t, hub.Stats().Sessions, "none of them has changed anything")
			assert.Zero(t, hub.Stats().Topics)
			require.NoError(t, hub.Join(s, "a"))
			assert.ErrorContains(t, hub.Join(s, "b", "a"), "already")
			assert.ErrorContains(t, hub.Newest().Join(s, "a"), "already")
			assert.ErrorContains(t, second.Join(s, "a"), "another hub with Replay")
			require.NoError(t, silent.Join(s, "a"), "it has no Replay")
			put(t, hub, "b", "not joined")
			put(t, silent, "a", "of the silent one")
			put(t, hub, "a", "of the hub")
			return nil
		}), apptest.Module(func(a *app.Application) {
			closed, second = sse.NewHub(a), sse.NewHub(a)
			silent = sse.NewHub(a, func(c *sse.HubConfig) { c.Replay = false })
			closed.Close()
		}))
		events := ssetest.Take(t, host.Get("/events").Body, 2)
		assert.ElementsMatch(t, []string{"of the silent one", "of the hub"}, dataOf(events))
	})
}

// A Join may name thousands of topics, and a client may have hostile IDs.
func TestJoinOfThousandsOfTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		topics := make([]string, 5000)
		for i := range topics {
			topics[i] = strings.Repeat("long", 10) + fmt.Sprint(i)
		}
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			return h.Join(s, topics...)
		}))
		response := host.Get("/events")
		synctest.Wait()
		put(t, hub, topics[4999], "the last one")
		assert.Equal(t, []string{"the last one"}, take(t, response, 1))
		assert.Equal(t, 5000, hub.Stats().Topics)
		require.NoError(t, response.Body.Close())
		synctest.Wait()
		assert.Equal(t, 1, hub.Stats().Topics, "that of the event in the log")
	})
}

// Who joins late gets the newest event also if the session is just delivering.
func TestNewestIsGivenToWhoJoinsWhileItDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var session *sse.Session
		goOn := make(chan struct{})
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub, session = h, s
			return h.Where(func(string, sse.Event) bool {
				<-goOn
				return true
			}).Join(s, "news")
		}))
		response := host.Get("/events")
		synctest.Wait()
		put(t, hub, "state", "as it is")
		put(t, hub, "news", "1")
		synctest.Wait()
		require.NoError(t, hub.Newest().Join(session, "state"))
		close(goOn)
		synctest.Wait()
		hub.Close()
		var got []string
		for event := range ssetest.Events(t, response.Body) {
			got = append(got, event.Data)
		}
		assert.Equal(t, []string{"1", "as it is"}, got)
	})
}

// A filter is asked once for each event, also if that does not fit into the write.
func TestFilterIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			if err := h.Where(func(string, sse.Event) bool {
				asked++
				return true
			}).Join(s, "news"); err != nil {
				return err
			}
			put(t, h, "news", strings.Repeat("x", 10<<10), strings.Repeat("x", 10<<10), "3")
			return nil
		}))
		take(t, host.Get("/events"), 3)
		assert.Equal(t, 3, asked)
	})
}
