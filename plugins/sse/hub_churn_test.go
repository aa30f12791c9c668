package sse_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
)

// 10,000 clients that come and go leave nothing behind, neither in the hub nor on
// the heap. They have no connections, because the network of a test remembers
// those.
func TestJoinsAndLeavesLeaveNoGrowth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var once sync.Once // the functions run at the same time
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			once.Do(func() { hub = h })
			return h.Join(s, "all", "user."+s.Call().QueryParam("user"))
		}, func(c *sse.HubConfig) { c.LogEvents = 100 }), apptest.Engine(engine.Logger(slog.New(slog.DiscardHandler))))
		churn := func(round int) {
			const at = 100
			for first := 0; first < 5000; first += at {
				ctx, leave := context.WithCancel(t.Context())
				var streams sync.WaitGroup
				for i := range at {
					request := httptest.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprint("/events?user=", round, ".", first+i), nil)
					streams.Go(func() { host.Application().ServeHTTP(httptest.NewRecorder(), request) })
				}
				synctest.Wait()
				assert.Equal(t, at, hub.Stats().Sessions)
				put(t, hub, "all", "news")
				put(t, hub, fmt.Sprint("user.", round, ".", first), "a word")
				synctest.Wait()
				leave()
				streams.Wait()
			}
		}
		churn(1)
		objects, goroutines := measured()
		churn(2)
		more, others := measured()
		assert.Zero(t, hub.Stats().Sessions)
		assert.LessOrEqual(t, hub.Stats().Topics, 101, "those of the events in the log")
		assert.Equal(t, goroutines, others)
		assert.Less(t, int64(more)-int64(objects), int64(5000), "less than one object for each that was there")
	})
}

// measured returns how many objects are on the heap, and how many goroutines
// there are. Those that somebody has waited for may not have ended yet.
func measured() (objects uint64, goroutines int) {
	synctest.Wait()
	runtime.GC()
	runtime.GC() // pools forget what they hold at the second
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapObjects, runtime.NumGoroutine()
}

// A stop ends all streams at once, and the bubble finds whatever is left.
func TestStopEndsAThousandStreamsAtOnce(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			const streams = 1000
			var hub *sse.Hub
			var once sync.Once
			var ends atomic.Int64
			host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
				once.Do(func() { hub = h })
				s.OnEnd(func(cause error) {
					assert.ErrorIs(t, cause, sse.ErrStopping)
					ends.Add(1)
				})
				return joinNews(h, s)
			}), mode)
			var reading sync.WaitGroup
			for range streams {
				response, err := host.Client().Get(host.URL + "/events")
				require.NoError(t, err)
				reading.Go(func() {
					text, err := rest(response)
					assert.NoError(t, err, "it ends cleanly")
					assert.Contains(t, text, "data: 1\r\n")
				})
			}
			synctest.Wait()
			assert.Equal(t, streams, hub.Stats().Sessions)
			put(t, hub, "news", "1")
			synctest.Wait()
			began := time.Now()
			host.Stop()
			assert.Zero(t, time.Since(began))
			assert.Equal(t, int64(streams), ends.Load(), "the stop waits for OnEnd")
			reading.Wait()
			assert.Zero(t, hub.Stats().Sessions)
		})
	})
}

// The stop of the application waits for OnEnd, which publishers do not.
func TestStopWaitsForOnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			s.OnEnd(func(error) { elapse(500 * time.Millisecond) })
			return joinNews(h, s)
		}))
		response := host.Get("/events")
		synctest.Wait()
		began := time.Now()
		host.Stop()
		assert.Equal(t, 500*time.Millisecond, time.Since(began))
		_, err := rest(response)
		assert.NoError(t, err)
	})
}

// OnEnd runs in the order of defer, after the stream, once, with the cause; a
// panic keeps none of the others from running, and one that is added late runs at
// once.
func TestOnEndIsLikeDefer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var session *sse.Session
		var order []string
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			session = s
			for _, name := range []string{"first", "second", "third"} {
				s.OnEnd(func(cause error) {
					assert.ErrorIs(t, cause, sse.ErrClosed)
					assert.ErrorIs(t, context.Cause(s.Context()), sse.ErrClosed)
					assert.Error(t, s.SendText("too late"))
					assert.Zero(t, h.Stats().Sessions)
					order = append(order, name)
					if name == "second" {
						s.OnEnd(func(error) { order = append(order, "added by the second") })
						panic("a mistake")
					}
				})
			}
			return joinNews(h, s)
		}))
		response := host.Get("/events")
		synctest.Wait()
		session.Close()
		text, err := rest(response)
		require.NoError(t, err)
		assert.Regexp(t, "^id: [a-z0-9]+-0\r\n\r\n$", text, "nothing but where the client begins")
		synctest.Wait()
		session.OnEnd(func(cause error) {
			assert.ErrorIs(t, cause, sse.ErrClosed)
			order = append(order, "late")
		})
		assert.Equal(t, []string{"third", "second", "added by the second", "first", "late"}, order)
		var logged []string
		for _, record := range host.Log() {
			if record.Level.String() == "ERROR" {
				logged = append(logged, record.Message)
			}
		}
		assert.Len(t, logged, 1, "the panic")
	})
}
