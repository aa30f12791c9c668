package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// A subscriber that is no event stream gets what streams get, without asking for a
// stream of its own to be open.
func TestSubscriberIsGivenEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		stream := host.Get("/events?topic=a&topic=b")
		box := newMailbox("")
		require.NoError(t, hub.Join(box, "a", "b"))
		settle()
		assert.Equal(t, 2, hub.Stats().Sessions)
		require.NoError(t, hub.Publish(t.Context(), "a", sse.Event{Event: "kind", Data: "1\r\n2", Retry: time.Second, Comments: "to streams"}))
		require.NoError(t, hub.Publish(t.Context(), "b", sse.Event{Comments: "nothing to dispatch"}))
		require.NoError(t, hub.Publish(t.Context(), "b", sse.Event{Retry: time.Second}))
		require.NoError(t, hub.Publish(t.Context(), "c", sse.Event{Data: "of another topic"}))
		require.NoError(t, hub.Publish(t.Context(), "b", sse.Event{}))
		settle()
		events := box.all()
		require.Len(t, events, 2)
		first, err := sse.ParsePosition(events[0].ID)
		require.NoError(t, err)
		assert.Equal(t, sse.Event{Event: "kind", Data: "1\n2", ID: first.String(), Retry: time.Second}, events[0])
		assert.Equal(t, sse.Event{ID: sse.Position{Epoch: first.Epoch, Offset: first.Offset + 4}.String()}, events[1])
		assert.Equal(t, []string{sse.Position{Epoch: first.Epoch}.String()}, box.marks)
		assert.Equal(t, events, ssetest.Take(t, stream.Body, 2), "the same")
		require.NoError(t, box.close())
		settle()
		assert.Equal(t, 1, hub.Stats().Sessions)
	})
}

func TestSubscriberComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.LogEvents = 3 }))
		box := newMailbox("")
		require.NoError(t, hub.Join(box, "a"))
		put(t, hub, "a", "1", "2")
		settle()
		require.NoError(t, box.close())
		put(t, hub, "a", "3")
		put(t, hub, "b", "4")

		again := newMailbox(box.all()[0].ID)
		require.NoError(t, hub.Join(again, "a", "b"))
		settle()
		assert.Equal(t, []string{"2", "3", "4"}, dataOf(again.all()))
		assert.Empty(t, again.marks, "it knows where it is")
		require.NoError(t, hub.Join(again, "c"))
		put(t, hub, "c", "5")
		settle()
		assert.Equal(t, []string{"2", "3", "4", "5"}, dataOf(again.all()))
		require.NoError(t, again.close())

		put(t, hub, "a", "6", "7", "8")
		late := newMailbox(box.all()[0].ID)
		require.NoError(t, hub.Join(late, "a", "c"))
		put(t, hub, "a", "9")
		settle()
		assert.Equal(t, []sse.Event{{Event: "missed", Data: `["a","c"]`}}, late.all()[:1])
		assert.Equal(t, []string{"9"}, dataOf(late.all()[1:]))
		require.NoError(t, late.close())
	})
}

// A broker has what has left the log, in pages.
func TestSubscriberComesBackToAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		var hubs [2]*sse.Hub
		for i := range hubs {
			apptest.Start(t, news(&hubs[i], func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 10 }))
		}
		box := newMailbox("")
		require.NoError(t, hubs[0].Join(box, "a"))
		var want []string
		for i := range 1000 {
			put(t, hubs[1], "a", fmt.Sprint(i))
			want = append(want, fmt.Sprint(i))
		}
		settle()
		require.NoError(t, box.close())
		assert.Equal(t, want, dataOf(box.all()))

		again := newMailbox(box.marks[0])
		require.NoError(t, hubs[1].Join(again, "a"))
		settle()
		assert.Equal(t, want, dataOf(again.all()))
		require.NoError(t, again.close())
	})
}

// Who cannot be told by an event that it has missed some is refused, or ended.
func TestSubscriberHasMissedAndIsNotToldByAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		withoutMissed := func(c *sse.HubConfig) { c.Missed = nil }
		var alone, shared *sse.Hub
		apptest.Start(t, news(&alone, withoutMissed))
		box := newMailbox("abc-1")
		err := alone.Join(box, "a")
		require.ErrorContains(t, err, "the client has missed events")
		var answer interface{ StatusCode() int }
		require.ErrorAs(t, err, &answer)
		assert.Equal(t, http.StatusNoContent, answer.StatusCode())
		assert.Zero(t, alone.Stats().Sessions)

		broker := sse.NewMemoryBroker(0)
		apptest.Start(t, news(&shared, withoutMissed, func(c *sse.HubConfig) { c.Broker = broker }))
		require.NoError(t, shared.Join(box, "a"), "only the broker knows")
		settle()
		assert.ErrorIs(t, context.Cause(box.ctx), sse.ErrLagged)
		assert.Empty(t, box.all())
		require.NoError(t, box.close())
	})
}

func TestDeafSubscriberAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.LogEvents = 10 }))
		stream := host.Get("/events?topic=news")
		deaf, hears := newMailbox(""), newMailbox("")
		deaf.full = func(ctx context.Context, _ []sse.Event) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		var events []sse.Event
		var reading sync.WaitGroup
		reading.Go(func() { events = ssetest.Take(t, stream.Body, 100) })
		require.NoError(t, hub.Join(deaf, "news"))
		require.NoError(t, hub.Join(hears, "news"))
		settle()
		assert.Equal(t, time.Second, flood(t, hub, 100), "StallLimit, once")
		reading.Wait()
		assert.ErrorIs(t, context.Cause(deaf.ctx), sse.ErrLagged)
		assert.Equal(t, uint64(1), hub.Stats().Lagged)
		assert.Equal(t, 2, hub.Stats().Sessions)
		settle()
		assert.Equal(t, events, hears.all())
		require.NoError(t, deaf.close())
		require.NoError(t, hears.close())
	})
}

// What a client takes of a large event counts, if the subscriber knows of it.
func TestSubscriberThatTakesALargeEventSlowly(t *testing.T) {
	for name, test := range map[string]struct {
		knows bool
		cause error
	}{"known": {true, nil}, "unknown": {false, sse.ErrLagged}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.LogEvents = 1 }))
				box := newMailbox("")
				box.full = func(ctx context.Context, _ []sse.Event) error {
					for range 5 {
						if !pauseFor(ctx, 900*time.Millisecond) {
							return context.Cause(ctx)
						}
						if test.knows {
							box.takes()
						}
					}
					return nil
				}
				require.NoError(t, hub.Join(box, "a"))
				put(t, hub, "a", "large", "next")
				assert.Equal(t, test.cause, context.Cause(box.ctx))
				require.NoError(t, box.close())
			})
		})
	}
}

// Whoever ends leaves its hubs, whatever it was doing, and also if its work never
// began.
func TestSubscriberLeavesWhenItsContextEnds(t *testing.T) {
	for name, box := range map[string]func() *mailbox{
		"idle": func() *mailbox { return newMailbox("") },
		"stuck": func() *mailbox {
			box := newMailbox("")
			box.full = func(ctx context.Context, _ []sse.Event) error {
				<-ctx.Done()
				return errors.New("the connection is gone")
			}
			return box
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				apptest.Start(t, news(&hub))
				box := box()
				require.NoError(t, hub.Join(box, "a"))
				put(t, hub, "a", "1")
				settle()
				assert.Equal(t, 1, hub.Stats().Sessions)
				assert.NoError(t, box.close(), "no mistake of the application")
				settle()
				assert.Zero(t, hub.Stats().Sessions)
				require.ErrorIs(t, hub.Join(box, "a"), sse.ErrClosed)
				hub.Leave(box) // changes nothing
			})
		})
	}
}

// An idler is given work, and never does it.
type idler struct{ *mailbox }

func (idler) GoDeliver(func(context.Context) error) {}

func TestSubscriberWhoseWorkNeverBeginsHoldsNobodyUpForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.LogEvents = 1 }))
		box := idler{newMailbox("")}
		require.NoError(t, hub.Join(box, "a"))
		put(t, hub, "a", "1", "2")
		settle()
		assert.ErrorIs(t, context.Cause(box.ctx), sse.ErrLagged)
		assert.Zero(t, hub.Stats().Sessions)
	})
}

func TestSubscriberFails(t *testing.T) {
	for name, test := range map[string]struct {
		fail func(context.Context, []sse.Event) error
		want string
	}{
		"by an error": {func(context.Context, []sse.Event) error { return errors.New("no form for it") }, "no form for it"},
		"by a panic":  {func(context.Context, []sse.Event) error { panic("no form for it") }, "panic: no form for it"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				apptest.Start(t, news(&hub))
				box := newMailbox("")
				box.full = test.fail
				require.NoError(t, hub.Join(box, "a"))
				put(t, hub, "a", "1")
				settle()
				assert.Zero(t, hub.Stats().Sessions)
				assert.ErrorContains(t, box.close(), test.want)
			})
		})
	}
}

// Leaving ends the work and not the subscriber. Who joins again, while it still
// delivers what it had, gets all in order.
func TestSubscriberLeavesAndJoinsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		apptest.Start(t, news(&hub))
		box := newMailbox("")
		box.full = func(ctx context.Context, _ []sse.Event) error {
			pauseFor(ctx, time.Second)
			return nil
		}
		require.NoError(t, hub.Join(box, "a", "b"))
		put(t, hub, "a", "1")
		settle()
		hub.Leave(box, "a", "unknown")
		hub.Leave(box, "b")
		assert.Zero(t, hub.Stats().Sessions)
		put(t, hub, "a", "nobody's")
		require.NoError(t, hub.Join(box, "a"))
		put(t, hub, "a", "2")
		elapse(time.Minute)
		assert.Equal(t, []string{"1", "2"}, dataOf(box.all()))

		hub.Leave(box)
		box.work.Wait()
		require.NoError(t, box.ctx.Err())
		require.NoError(t, hub.Join(box, "a"))
		put(t, hub, "a", "3")
		elapse(time.Minute)
		assert.Equal(t, []string{"1", "2", "3"}, dataOf(box.all()))
		require.NoError(t, box.close())
	})
}

func TestClosedHubLetsItsSubscribersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		apptest.Start(t, news(&hub))
		box := newMailbox("")
		require.NoError(t, hub.Join(box, "a"))
		put(t, hub, "a", "the last")
		hub.Close()
		box.work.Wait()
		assert.Equal(t, []string{"the last"}, dataOf(box.all()))
		require.NoError(t, box.ctx.Err())
		require.ErrorIs(t, hub.Join(box, "a"), sse.ErrClosed)
		require.NoError(t, box.close())
	})
}

func TestSubscriberSelects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		apptest.Start(t, news(&hub))
		put(t, hub, "a", "old", "new")
		newest, some := newMailbox(""), newMailbox("")
		require.NoError(t, hub.Newest().Join(newest, "a"))
		require.NoError(t, hub.Where(func(topic string, event sse.Event) bool {
			return topic == "b" || event.Data == "x"
		}).Join(some, "a", "b"))
		settle()
		put(t, hub, "a", "x", "y")
		put(t, hub, "b", "z")
		settle()
		assert.Equal(t, "new", newest.all()[0].Data)
		assert.Empty(t, newest.all()[0].ID, "it would take a client back")
		assert.Equal(t, "y", newest.all()[len(newest.all())-1].Data)
		assert.Equal(t, []string{"x", "z"}, dataOf(some.all()))
		require.NoError(t, newest.close())
		require.NoError(t, some.close())
	})
}

// Two hubs have two logs, and one subscriber is given the events of one at a time.
func TestSubscriberOfTwoHubs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		other := sse.NewHub(host.Application(), func(c *sse.HubConfig) { c.Replay = false })
		box := newMailbox("")
		box.full = func(ctx context.Context, _ []sse.Event) error {
			pauseFor(ctx, time.Millisecond)
			return nil
		}
		require.NoError(t, hub.Join(box, "a"))
		require.NoError(t, other.Join(box, "a"))
		var ours, theirs []string
		for i := range 50 {
			put(t, hub, "a", fmt.Sprint("ours ", i))
			put(t, other, "a", fmt.Sprint("theirs ", i))
			ours, theirs = append(ours, fmt.Sprint("ours ", i)), append(theirs, fmt.Sprint("theirs ", i))
			elapse(500 * time.Microsecond)
		}
		elapse(time.Second)
		var gotOurs, gotTheirs []string
		for _, event := range box.all() {
			if event.ID != "" {
				gotOurs = append(gotOurs, event.Data)
			} else {
				gotTheirs = append(gotTheirs, event.Data)
			}
		}
		assert.Equal(t, ours, gotOurs)
		assert.Equal(t, theirs, gotTheirs)
		other.Leave(box)
		put(t, other, "a", "nobody's")
		put(t, hub, "a", "the last")
		elapse(time.Second)
		assert.Equal(t, "the last", box.all()[len(box.all())-1].Data)
		require.NoError(t, box.close())
	})
}

func TestJoinRefusesSubscribers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		replaying := sse.NewHub(host.Application())
		box := newMailbox("")
		require.NoError(t, hub.Join(box, "a"))
		var none sse.Subscriber
		for name, test := range map[string]struct {
			join func() error
			want string
		}{
			"nil":             {func() error { return hub.Join(none, "a") }, "the subscriber is nil"},
			"no value to ask": {func() error { return hub.Join(incomparable{box, nil}, "a") }, "a sse_test.incomparable cannot be compared with another: join a pointer"},
			"twice":           {func() error { return hub.Join(box, "a") }, `the session has joined "a" already`},
			"another replay":  {func() error { return replaying.Join(box, "a") }, "the session has joined another hub with Replay: a client has one last event ID, use topics of one hub"},
			"no topic":        {func() error { return hub.Join(box) }, "no topic is named"},
		} {
			assert.EqualError(t, test.join(), "join a hub: "+test.want, name)
		}
		hub.Leave(none)
		hub.Leave(incomparable{box, nil})
		assert.Equal(t, 1, hub.Stats().Sessions)
		require.NoError(t, box.close())
	})
}

// An incomparable cannot be found again.
type incomparable struct {
	*mailbox
	_ []string
}

// Those who join a hub with the call's context belong to an application.
func TestJoinRefusesSubscribersOfAnotherApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var elsewhere *sse.Hub
		apptest.Start(t, news(&elsewhere))
		var failure error
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			failure = elsewhere.Join(wrapped{s}, "a")
			return h.Join(wrapped{s}, "a")
		}))
		stream := host.Get("/events")
		assert.EqualError(t, failure, "join a hub: the hub belongs to another application")
		require.NoError(t, stream.Body.Close())
	})
}

// A session that is wrapped is a subscriber like any other, whose stream lasts as
// long as its work does.
func TestWrappedSession(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			var hub *sse.Hub
			host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
				hub = h
				return h.Join(wrapped{s}, "a")
			}), mode)
			stream := host.Get("/events")
			settle()
			put(t, hub, "a", "1", strings.Repeat("x", 100_000), "3")
			assert.Len(t, take(t, stream, 3), 3)
			hub.Close()
			assert.Empty(t, strings.TrimSpace(apptest.Text(t, stream)))
		})
	})
}

func TestDeliverRefusesAnEventAndSendsNone(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				require.ErrorIs(t, s.Deliver([]sse.Event{{Data: "1"}, {Event: "\n"}}), sse.ErrInvalidEvent)
				require.ErrorIs(t, s.Mark("\n"), sse.ErrInvalidEvent)
				require.NoError(t, s.Deliver(nil))
				require.NoError(t, s.Mark("7"))
				assert.Equal(t, time.Now(), s.TakenAt())
				require.NoError(t, s.Deliver([]sse.Event{{Data: "2"}, {Data: "3", ID: "9"}}))
				s.Close()
				require.ErrorIs(t, s.Mark("8"), sse.ErrClosed)
				require.ErrorIs(t, s.Deliver([]sse.Event{{Data: "4"}}), sse.ErrClosed)
				return nil
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "id: 7\r\n\r\ndata: 2\r\n\r\ndata: 3\r\nid: 9\r\n\r\n", body)
	})
}
