package sse_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// A slowEndBroker takes a second to end a subscription.
type slowEndBroker struct {
	sse.Broker

	subscriptions atomic.Int64
}

func (b *slowEndBroker) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		b.subscriptions.Add(1)
		defer b.subscriptions.Add(-1)
		defer elapse(time.Second)
		b.Broker.Subscribe(ctx, after)(yield)
	}
}

// Close ends the subscription, and waits for it, however often it is called, and
// what the hub has is delivered.
func TestCloseEndsTheSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := &slowEndBroker{Broker: sse.NewMemoryBroker(0)}
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Broker = broker }))
		response := host.Get("/events?topic=a")
		put(t, hub, "a", "1")
		synctest.Wait()
		assert.Equal(t, int64(1), broker.subscriptions.Load())
		began := time.Now()
		var closing sync.WaitGroup
		for range 3 {
			closing.Go(func() {
				hub.Close()
				assert.Zero(t, broker.subscriptions.Load())
				assert.Equal(t, time.Second, time.Since(began))
			})
		}
		closing.Wait()
		hub.Close()
		assert.Equal(t, time.Second, time.Since(began))
		_, err := broker.Publish(t.Context(), "a", []byte("data: 2\r\n\r\n"))
		require.NoError(t, err)
		var got []string
		for event := range ssetest.Events(t, response.Body) {
			got = append(got, event.Data)
		}
		assert.Equal(t, []string{"1"}, got)
		assert.ErrorIs(t, hub.Publish(t.Context(), "a", sse.Event{Data: "3"}), sse.ErrClosed)
		host.Stop()
		assert.Empty(t, host.Log().AtLeast(slog.LevelWarn), "nothing has gone wrong")
	})
}

// What waits for clients, or for its turn, when the hub is closed fails at once.
func TestCloseEndsWaitingPublishers(t *testing.T) {
	for name, broker := range map[string]sse.Broker{"a log of its own": nil, "a broker": sse.NewMemoryBroker(0)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if broker != nil {
					broker = sse.NewMemoryBroker(0) // in the bubble
				}
				var hub *sse.Hub
				host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
					hub = h
					return joinNews(h, s)
				}, func(c *sse.HubConfig) {
					c.LogEvents, c.StallLimit, c.LagLimit, c.Broker = 20, 0, 0, broker
				}), apptest.Buffer(4<<10))
				conn := listen(t, host)
				synctest.Wait()
				flood(t, hub, 22)
				var publishing sync.WaitGroup
				var refused atomic.Int64
				for range 20 {
					publishing.Go(func() {
						if err := hub.Publish(t.Context(), "news", sse.Event{Data: "late"}); err != nil {
							assert.ErrorIs(t, err, sse.ErrClosed)
							refused.Add(1)
						}
					})
				}
				synctest.Wait()
				began := time.Now()
				hub.Close()
				publishing.Wait()
				assert.Zero(t, time.Since(began))
				if broker == nil {
					assert.Greater(t, refused.Load(), int64(10))
				}
				assert.Equal(t, 1, hub.Stats().Sessions, "it has not taken what was published before")
				assert.Zero(t, hub.Stats().Lagged)
				require.NoError(t, conn.Close())
			})
		})
	}
}

// Close beside Publish and Join: who is told that it has published is heard by who
// has joined before, and nobody hangs.
func TestCloseBesideEverything(t *testing.T) {
	for _, shared := range []bool{false, true} {
		t.Run(fmt.Sprint("broker ", shared), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 20 {
					var hub *sse.Hub
					host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) {
						if shared {
							c.Broker = sse.NewMemoryBroker(0)
						}
					}))
					response := host.Get("/events?topic=a")
					synctest.Wait()
					var beside sync.WaitGroup
					var published atomic.Int64
					for range 4 {
						beside.Go(func() {
							for hub.Publish(t.Context(), "a", sse.Event{Data: "x"}) == nil {
								if published.Add(1) == 20 {
									beside.Go(hub.Close)
								}
							}
						})
						beside.Go(func() {
							response, err := host.Client().Get(host.URL + "/events?topic=a")
							if assert.NoError(t, err) {
								_, _ = rest(response) // its end
							}
						})
					}
					got := int64(0)
					for range ssetest.Events(t, response.Body) {
						got++
					}
					beside.Wait()
					if shared {
						assert.LessOrEqual(t, got, published.Load())
					} else {
						assert.Equal(t, published.Load(), got)
					}
					assert.Zero(t, hub.Stats().Sessions)
					host.Stop()
				}
			})
		})
	}
}

// A hub that is closed before the application starts, or while it asks its broker
// for the end of the log, follows nobody.
func TestCloseBeforeTheStart(t *testing.T) {
	for name, test := range map[string]struct {
		mood  mood
		close func(*sse.Hub)
	}{
		"before": {moodGood, func(h *sse.Hub) { h.Close() }},
		"while":  {moodHanging, func(h *sse.Hub) { time.AfterFunc(time.Second, h.Close) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := newMoodyBroker(func(sse.Message) {})
				broker.setMood(test.mood)
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(sse.Plugin)
					hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
					test.close(hub)
				})
				broker.setMood(moodFailing)
				elapse(time.Minute)
				assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
			})
		})
	}
}
