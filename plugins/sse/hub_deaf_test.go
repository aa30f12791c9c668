package sse_test

import (
	"fmt"
	"io"
	"net"
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
)

// joinNews is the function of a stream that joins one topic.
func joinNews(hub *sse.Hub, s *sse.Session) error { return hub.Join(s, "news") }

// listen asks for a stream by hand, over a connection of its own.
func listen(t *testing.T, host *apptest.Host) net.Conn {
	t.Helper()
	conn := host.Dial()
	_, err := io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
	require.NoError(t, err)
	return conn
}

// One client that reads nothing takes nothing from the others: 4,000 events of 4
// KiB, flat out, over real sockets.
func TestOneDeafClientAmongAHundred(t *testing.T) {
	const clients, events = 99, 4000
	var hub *sse.Hub
	var once sync.Once // the functions run at the same time
	var joined sync.WaitGroup
	joined.Add(clients + 1)
	ends := make(chan error, clients+1)
	host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
		once.Do(func() { hub = h })
		s.OnEnd(func(cause error) { ends <- cause })
		defer joined.Done()
		return h.Join(s, "news")
	}, func(c *sse.HubConfig) {
		// The 99 are waited for as long as the machine takes. The time of the
		// deaf one is long enough for any of them to take a piece on a busy one.
		c.StallLimit, c.LagLimit = 10*time.Second, 0
	}), apptest.Loopback())
	deaf := listen(t, host)
	var first, reading sync.WaitGroup
	first.Add(clients)
	for range clients {
		response := host.NewClient().Get("/events")
		reading.Go(func() {
			n := 0
			begin := sync.OnceFunc(first.Done)
			defer begin()
			for event, err := range sse.NewReader(response.Body).All() {
				if !assert.NoError(t, err) || !assert.Truef(t, strings.HasPrefix(event.Data, fmt.Sprintf("%d ", n)), "event %d", n) {
					return
				}
				n++
				begin()
			}
			assert.Equal(t, events, n)
		})
	}
	joined.Wait()
	padding := strings.Repeat("x", 4<<10)
	for i := range events {
		if i == 1 {
			first.Wait() // nobody is waited for whose function has not quite returned
		}
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: fmt.Sprint(i, " ", padding)}))
	}
	assert.ErrorIs(t, <-ends, sse.ErrLagged)
	assert.Equal(t, clients, hub.Stats().Sessions)
	assert.Equal(t, uint64(1), hub.Stats().Lagged)
	hub.Close()
	reading.Wait()
	for range clients {
		assert.ErrorIs(t, <-ends, sse.ErrClosed)
	}
	require.NoError(t, deaf.Close())
}

// flood publishes n events of 1 KiB, one every 10 ms, and returns how long the
// clients have held it up.
func flood(t *testing.T, hub *sse.Hub, n int) (held time.Duration) {
	t.Helper()
	padding := strings.Repeat("x", 1<<10)
	for range n {
		began := time.Now()
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: padding}))
		held += time.Since(began)
		elapse(10 * time.Millisecond)
	}
	return held
}

// A client that always takes just enough not to stall uses up the time of the
// hub, not that of each publisher; then it is not waited for any longer.
func TestClientThatIsAlwaysJustInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		ends := make(chan error, 1)
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			s.OnEnd(func(cause error) { ends <- cause })
			return joinNews(h, s)
		}, func(c *sse.HubConfig) { c.LogEvents = 20 }), apptest.Buffer(4<<10))
		only := listen(t, host)
		go trickle(only)
		synctest.Wait()
		held := flood(t, hub, 1000)
		assert.InDelta(t, 10*time.Second, held, float64(time.Second), "LagLimit")
		assert.ErrorIs(t, <-ends, sse.ErrLagged)
		assert.Zero(t, flood(t, hub, 1000), "the rate is back")
	})
}

// trickle reads a quarter of what flood publishes, until the connection ends.
func trickle(stream io.Reader) {
	for {
		if _, err := io.ReadFull(stream, make([]byte, 10<<10)); err != nil {
			return
		}
		elapse(400 * time.Millisecond)
	}
}

// It gains nothing by coming back: who resumes is not waited for before it has
// caught up, and the time of the hub is one for all.
func TestClientThatIsAlwaysJustInTimeAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, hub := newsOf(t)
		first := listen(t, host)
		synctest.Wait()
		done := make(chan struct{})
		go func() {
			defer close(done)
			trickle(first)
			for range 10 {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+"/events", nil)
				assert.NoError(t, err)
				request.Header.Set("Last-Event-ID", "other-1")
				response, err := host.Client().Do(request)
				if !assert.NoError(t, err) {
					return
				}
				trickle(response.Body)
				assert.NoError(t, response.Body.Close())
			}
		}()
		began := time.Now()
		held := flood(t, hub, 4000)
		assert.Less(t, time.Since(began)-held, time.Minute, "all of it in one minute of the budget")
		assert.LessOrEqual(t, held, 11*time.Second)
		hub.Close()
		<-done
	})
}

// The time of StallLimit is that for which a publisher waits for the client. One
// that takes nothing while nobody waits loses nothing.
func TestStallLimitCountsOnlyWhileSomebodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, hub := newsOf(t)
		conn := listen(t, host)
		synctest.Wait()
		flood(t, hub, 22) // what the network and the log hold
		elapse(25 * time.Second)
		assert.Equal(t, 1, hub.Stats().Sessions)
		time.AfterFunc(900*time.Millisecond, func() { _, _ = io.CopyN(io.Discard, conn, 16<<10) })
		began := time.Now()
		flood(t, hub, 5)
		assert.LessOrEqual(t, time.Since(began), time.Second)
		assert.Equal(t, 1, hub.Stats().Sessions, "it has taken something in time")
		began = time.Now()
		flood(t, hub, 40)
		assert.GreaterOrEqual(t, time.Since(began), time.Second)
		assert.Zero(t, hub.Stats().Sessions, "and now it has not")
	})
}

// Code of the application that is called for a session which has ended holds
// nobody up, however long it takes.
func TestNobodyWaitsForOnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		goOn := make(chan struct{})
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			s.OnEnd(func(error) { <-goOn })
			return joinNews(h, s)
		}, func(c *sse.HubConfig) { c.LogEvents = 20 }), apptest.Buffer(4<<10))
		listen(t, host)
		synctest.Wait()
		held := flood(t, hub, 1000)
		assert.Equal(t, time.Second, held, "StallLimit")
		assert.Zero(t, hub.Stats().Sessions)
		close(goOn)
	})
}

// A client that wants the newest event alone never holds anybody up.
func TestNewestHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub = h
			return h.Newest().Join(s, "news")
		}, func(c *sse.HubConfig) { c.LogEvents = 20 }), apptest.Buffer(4<<10))
		conn := listen(t, host)
		synctest.Wait()
		assert.Zero(t, flood(t, hub, 1000))
		assert.Equal(t, 1, hub.Stats().Sessions)
		put(t, hub, "news", "the state of things")
		hub.Close()
		text, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Contains(t, string(text), "data: the state of things\r\n")
	})
}

// A publisher does not wait for a session that is ending.
func TestPublisherDoesNotWaitForASessionThatIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var session *sse.Session
		host := apptest.Start(t, hubOf(func(h *sse.Hub, s *sse.Session) error {
			hub, session = h, s
			return joinNews(h, s)
		}, func(c *sse.HubConfig) { c.LogEvents, c.StallLimit, c.LagLimit = 20, 0, 0 }), apptest.Buffer(4<<10))
		listen(t, host)
		synctest.Wait()
		time.AfterFunc(2*time.Second, session.Close)
		held := flood(t, hub, 100)
		assert.LessOrEqual(t, held, 2*time.Second)
	})
}
