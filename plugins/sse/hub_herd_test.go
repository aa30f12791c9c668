package sse_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// A leisurelyBroker has read all that a Range is to yield long before it does.
type leisurelyBroker struct {
	*sse.MemoryBroker

	goOn  chan struct{}
	reads atomic.Int64
}

func (b *leisurelyBroker) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		b.reads.Add(1)
		var read []sse.Message
		for message, err := range b.MemoryBroker.Range(ctx, after, limit, topics) {
			if err != nil {
				yield(message, err)
				return
			}
			read = append(read, message)
		}
		<-b.goOn
		for _, message := range read {
			if !yield(message, nil) {
				return
			}
		}
	}
}

// Clients that come back at once are served by one read of the broker's log. What
// is published while it is under way is not in it, and they get that too.
func TestClientsThatShareAReadMissNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		broker := &leisurelyBroker{MemoryBroker: sse.NewMemoryBroker(0), goOn: make(chan struct{})}
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 10 }))
		from, err := broker.Last(t.Context())
		require.NoError(t, err)
		var want []string
		publish := func() {
			want = append(want, fmt.Sprint(len(want)))
			put(t, hub, "a", want[len(want)-1])
			synctest.Wait()
		}
		for range 20 { // more than the hub's own log holds
			publish()
		}
		first := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", from.String()))
		publish()
		second := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", from.String()))
		publish()
		close(broker.goOn)
		publish()
		hub.Close() // else one that lacks an event would wait for it
		assert.Equal(t, want, dataOf(slices.Collect(ssetest.Events(t, first.Body))))
		assert.Equal(t, want, dataOf(slices.Collect(ssetest.Events(t, second.Body))))
		assert.EqualValues(t, 1, broker.reads.Load())
		assert.Equal(t, uint64(2*len(want)), hub.Stats().Delivered)
	})
}

// However many clients come back with IDs of their own, a broker reads a few parts
// of its log at a time, and every client gets its own.
func TestBrokerReadsFewPartsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 100
		var hub *sse.Hub
		broker := &leisurelyBroker{MemoryBroker: sse.NewMemoryBroker(0), goOn: make(chan struct{})}
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 10 }))
		ids, want := make([]string, clients), make([]string, clients+20)
		for i := range want {
			if i < clients {
				last, err := broker.Last(t.Context())
				require.NoError(t, err)
				ids[i] = last.String()
			}
			want[i] = fmt.Sprint(i)
			put(t, hub, "a", want[i])
		}
		synctest.Wait() // until the hub has followed
		responses := make([]*http.Response, clients)
		for i, id := range ids {
			responses[i] = host.Get("/events?topic=a", apptest.Header("Last-Event-ID", id))
			synctest.Wait()
		}
		assert.EqualValues(t, 16, broker.reads.Load())
		const gone = clients - 1 // while it waits for its turn
		require.NoError(t, responses[gone].Body.Close())
		synctest.Wait()
		close(broker.goOn)
		synctest.Wait()
		hub.Close()
		for i, response := range responses[:gone] {
			assert.Equal(t, want[i:], dataOf(slices.Collect(ssetest.Events(t, response.Body))), "client %d", i)
		}
		assert.EqualValues(t, gone, broker.reads.Load())
	})
}
