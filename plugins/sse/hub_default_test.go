package sse_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
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
	"github.com/chitor-go/chitor/routing"
)

// newsOf serves a stream of the news by a hub with a small log, whose clients can
// leave 4 KiB unread.
func newsOf(t *testing.T, configure ...func(*sse.HubConfig)) (*apptest.Host, *sse.Hub) {
	t.Helper()
	var hub *sse.Hub
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a, append([]func(*sse.HubConfig){func(c *sse.HubConfig) { c.LogEvents = 20 }}, configure...)...)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return joinNews(hub, s) })
		})
	}, apptest.Buffer(4<<10))
	return host, hub
}

// Beside a thousand clients that read, one that does not costs the publisher the
// second of StallLimit, once, with the limits as they are by default. Many cost it a
// second for each place in the log where one of them has stopped, and no more than
// LagLimit.
func TestDeafClientsBesideAThousandQuickOnes(t *testing.T) {
	for _, deaf := range []int{1, 20} {
		t.Run(fmt.Sprint(deaf), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const quick, events = 1000, 60
				host, hub := newsOf(t)
				for range deaf {
					listen(t, host)
				}
				var reading sync.WaitGroup
				for range quick {
					conn := listen(t, host)
					reading.Go(func() { assertCounts(t, conn, events) })
				}
				synctest.Wait()
				require.Equal(t, quick+deaf, hub.Stats().Sessions)
				padding := strings.Repeat("x", 1<<10)
				began := time.Now()
				for i := range events {
					require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: fmt.Sprint(i, " ", padding)}))
				}
				stats := hub.Stats()
				assert.Equal(t, stats.Waited, time.Since(began), "for nothing else")
				assert.GreaterOrEqual(t, stats.Waited, time.Second)
				assert.LessOrEqual(t, stats.Waited, min(time.Duration(deaf)*time.Second, 10*time.Second))
				assert.Equal(t, uint64(deaf), stats.Lagged)
				hub.Close()
				reading.Wait()
			})
		})
	}
}

// assertCounts reads a stream by hand to its end: it has so many events, in order.
func assertCounts(t *testing.T, stream io.Reader, events int) {
	lines, n := bufio.NewScanner(stream), 0
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			if !assert.Truef(t, strings.HasPrefix(data, fmt.Sprint(n, " ")), "event %d", n) {
				return
			}
			n++
		}
	}
	assert.Equal(t, events, n)
}

// sip reads pieces of a connection, with pauses, until it is told to stop: then the
// connection is closed.
func sip(t *testing.T, conn net.Conn, piece int64, pause time.Duration) (stop func()) {
	t.Helper()
	var sipping sync.WaitGroup
	sipping.Go(func() {
		for {
			if _, err := io.CopyN(io.Discard, conn, piece); err != nil {
				return
			}
			elapse(pause)
		}
	})
	return func() {
		require.NoError(t, conn.Close())
		sipping.Wait()
	}
}

// A client that takes a byte now and then never ends a write, and so takes nothing
// as StallLimit counts it, unless WriteTimeout looks more closely. Whatever it does,
// no publisher waits longer than both limits say, and the client is not let go
// before.
func TestClientThatSips(t *testing.T) {
	for name, test := range map[string]struct {
		stall, lag, write time.Duration
		held              time.Duration
	}{
		"by default":    {stall: time.Second, lag: 10 * time.Second, write: 30 * time.Second, held: time.Second},
		"no StallLimit": {lag: 10 * time.Second, write: 30 * time.Second, held: 10 * time.Second},
		"no LagLimit":   {stall: 5 * time.Second, write: 30 * time.Second, held: 5 * time.Second},
		"WriteTimeout that is shorter": {
			stall: time.Second, lag: 10 * time.Second, write: 500 * time.Millisecond, held: 10 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(sse.Plugin.With(func(c *sse.Config) { c.WriteTimeout = test.write }))
					hub = sse.NewHub(a, func(c *sse.HubConfig) { c.LogEvents, c.StallLimit, c.LagLimit = 20, test.stall, test.lag })
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/events", func(s *sse.Session) error { return joinNews(hub, s) })
					})
				}, apptest.Buffer(4<<10))
				stop := sip(t, listen(t, host), 1, 100*time.Millisecond)
				synctest.Wait()
				assert.Equal(t, test.held, flood(t, hub, 100))
				assert.Equal(t, uint64(1), hub.Stats().Lagged)
				assert.Zero(t, flood(t, hub, 100))
				stop()
			})
		})
	}
}

// Without limits the slowest client sets the pace, and one that sips is never let
// go.
func TestClientThatSipsWithoutLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, hub := newsOf(t, func(c *sse.HubConfig) { c.StallLimit, c.LagLimit = 0, 0 })
		stop := sip(t, listen(t, host), 1, 100*time.Millisecond)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var err error
		for range 100 {
			if err = hub.Publish(ctx, "news", sse.Event{Data: strings.Repeat("x", 1<<10)}); err != nil {
				break
			}
		}
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, hub.Stats().Sessions)
		stop()
	})
}

// A client that takes 16 KiB in each StallLimit is waited for, whether it takes them
// at once or byte by byte, as long as LagLimit lasts.
func TestClientThatTakesAWriteInTime(t *testing.T) {
	for _, piece := range []int64{1, 100, 4 << 10} {
		t.Run(fmt.Sprint(piece), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host, hub := newsOf(t, func(c *sse.HubConfig) { c.LagLimit = 0 })
				pause := time.Duration(piece) * time.Second / (20 << 10) // 20 KiB a second
				stop := sip(t, listen(t, host), piece, pause)
				synctest.Wait()
				held := flood(t, hub, 200)
				assert.Greater(t, held, 5*time.Second, "it sets the pace")
				assert.Equal(t, 1, hub.Stats().Sessions)
				stop()
			})
		})
	}
}

// What an application does to compose the last word of a session holds up nobody
// else, and no publisher, however long it takes.
func TestNobodyWaitsForLastEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newMoodyBroker(func(sse.Message) {})
		asked := make(chan error, 1)
		var hub *sse.Hub
		var first atomic.Bool
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin.With(func(c *sse.Config) {
				c.MaxAge = 10 * time.Second
				c.LastEvent = func(*sse.Session, error) sse.Event {
					if !first.CompareAndSwap(false, true) {
						return sse.Event{Data: "bye"}
					}
					ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
					defer cancel()
					_, err := broker.Last(ctx)
					asked <- err
					return sse.Event{Data: "late"}
				}
			}))
			hub = sse.NewHub(a, func(c *sse.HubConfig) { c.LogEvents = 20 })
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return joinNews(hub, s) })
			})
		})
		old := host.Get("/events")
		elapse(5 * time.Second)
		other := host.Get("/events")
		broker.setMood(moodHanging)
		for hub.Stats().Sessions == 2 { // the old one lasts for MaxAge or a little less
			elapse(100 * time.Millisecond)
		}
		began := time.Now()
		for i := range 100 {
			put(t, hub, "news", fmt.Sprint(i))
			assert.Equal(t, []string{fmt.Sprint(i)}, take(t, other, 1))
		}
		assert.Zero(t, time.Since(began))
		assert.Equal(t, []string{"late"}, take(t, old, 1))
		require.ErrorIs(t, <-asked, context.DeadlineExceeded)
		assert.Greater(t, time.Since(began), time.Second)
	})
}

// slow is how long a slowLast takes: less than a server has for its start.
const slow = 9 * time.Second

// A slowLast takes long to say where the log ends.
type slowLast struct{ *sse.MemoryBroker }

func (b slowLast) Last(ctx context.Context) (sse.Position, error) {
	elapse(slow)
	return b.MemoryBroker.Last(ctx)
}

// A broker that takes long to say where its log ends holds up the start, and then
// nobody: what the hub has is delivered, and a gap is told when it is known where
// the log goes on.
func TestBrokerIsSlowToSayWhereItsLogEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := slowLast{sse.NewMemoryBroker(0)}
		began := time.Now()
		host, hub := newsOf(t, func(c *sse.HubConfig) { c.Broker = broker })
		assert.Equal(t, slow, time.Since(began))
		response := host.Get("/events")
		put(t, hub, "news", "1")
		assert.Equal(t, []string{"1"}, take(t, response, 1))
		broker.Reset()
		synctest.Wait()
		began = time.Now()
		put(t, hub, "news", "2")
		other := host.Get("/events")
		assert.LessOrEqual(t, time.Since(began), 100*time.Millisecond, "it is served")
		assert.Equal(t, []string{`["news"]`, "2"}, take(t, response, 2))
		assert.Equal(t, slow, time.Since(began))
		assert.Equal(t, "2", take(t, other, 2)[1])
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "3"}))
		assert.Equal(t, []string{"3"}, take(t, response, 1))
	})
}
