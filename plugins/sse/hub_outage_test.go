package sse_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A distantBroker is one that can go away, and counts what a Range has yielded.
type distantBroker struct {
	*sse.MemoryBroker

	away    atomic.Bool
	largest int // the most bytes of a Range
}

var errAway = errors.New("nobody answers")

func newDistantBroker() *distantBroker { return &distantBroker{MemoryBroker: sse.NewMemoryBroker(0)} }

func (b *distantBroker) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return b.unlessAway(b.MemoryBroker.Subscribe(ctx, after), func(sse.Message) {})
}

func (b *distantBroker) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	read := 0
	return b.unlessAway(b.MemoryBroker.Range(ctx, after, limit, topics), func(message sse.Message) {
		read += len(message.Data)
		b.largest = max(b.largest, read)
	})
}

func (b *distantBroker) unlessAway(sequence iter.Seq2[sse.Message, error], seen func(sse.Message)) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		if b.away.Load() {
			yield(sse.Message{}, errAway)
			return
		}
		for message, err := range sequence {
			seen(message)
			if !yield(message, err) || b.away.Load() && !yield(sse.Message{}, errAway) {
				return
			}
		}
	}
}

// startWithBroker starts news on a broker, and returns what it logs.
func startWithBroker(t *testing.T, hub **sse.Hub, broker sse.Broker) (*apptest.Host, *journal) {
	t.Helper()
	log := &journal{}
	logger := engine.Logger(slog.New(slog.NewTextHandler(log, nil)))
	return apptest.Start(t, news(hub, func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 10 }),
		apptest.Engine(logger)), log
}

// A hub whose broker comes back with another log goes on with that at once, and
// does not say that it cannot.
func TestHubFollowsANewLogAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		broker := newDistantBroker()
		host, log := startWithBroker(t, &hub, broker)
		stream := host.Get("/events?topic=a")
		put(t, hub, "a", "1")
		assert.Equal(t, []string{"1"}, take(t, stream, 1))
		settle() // or the broker goes with the first event already
		broker.away.Store(true)
		put(t, hub, "a", "2") // which tells the reader
		elapse(time.Minute)
		assert.NotEmpty(t, log.take("cannot follow"))

		broker.away.Store(false)
		broker.Reset()
		elapse(5 * time.Second)
		assert.Equal(t, []string{"2", `["a"]`}, take(t, stream, 2))
		assert.Len(t, log.take("a hub has lost events"), 1)
		assert.Empty(t, log.take("cannot follow"))
	})
}

// Ten thousand clients that come back while the broker is away are no ten thousand
// lines a second.
func TestClientsThatWaitForABrokerAreLoggedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		broker := newDistantBroker()
		host, log := startWithBroker(t, &hub, broker)
		first := host.Get("/events?topic=a")
		put(t, hub, "a", "0")
		synctest.Wait()     // a client that has got one is waited for
		for i := range 20 { // more than the hub's own log holds
			put(t, hub, "a", fmt.Sprint(i))
		}
		assert.Len(t, take(t, first, 21), 21)
		last, err := broker.Last(t.Context())
		assert.NoError(t, err)
		last.Offset = 1
		broker.away.Store(true)
		streams := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", last.String()))
		for range 20 {
			host.Get("/events?topic=a", apptest.Header("Last-Event-ID", last.String()))
		}
		elapse(90 * time.Second)
		assert.Len(t, log.take("wait for the hub's broker"), 2, "once a minute")
		broker.away.Store(false)
		assert.Len(t, take(t, streams, 20), 20)
	})
}

// A client that comes back is given what it has missed in parts, also if that is
// large.
func TestComingBackHoldsLittleAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		broker := newDistantBroker()
		host, _ := startWithBroker(t, &hub, broker)
		first := host.Get("/events?topic=a")
		put(t, hub, "a", "0")
		last, err := broker.Last(t.Context())
		assert.NoError(t, err)
		padding := strings.Repeat("x", 50<<10)
		for i := range 40 {
			put(t, hub, "a", fmt.Sprint(i, " ", padding))
		}
		assert.NoError(t, first.Body.Close())
		settle() // or the log goes on while the client comes back
		back := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", last.String()))
		for i, data := range take(t, back, 40) {
			assert.Equal(t, fmt.Sprint(i, " ", padding), data)
		}
		assert.LessOrEqual(t, broker.largest, 320<<10)
	})
}
