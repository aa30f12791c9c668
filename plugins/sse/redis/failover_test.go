package sseredis_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// pair is a server with a replica, and a client that speaks to one of them, as
// that of Sentinel does.
type pair struct {
	master, replica *server
	replicaPort     string
	client          *redis.Client

	mu      sync.Mutex
	current *server
}

func startPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{}
	var port string
	p.master, port = startListening(t)
	p.replica, p.replicaPort = startListening(t, "--replicaof", "127.0.0.1", port)
	p.current = p.master
	p.client = redis.NewClient(&redis.Options{Dialer: func(context.Context, string, string) (net.Conn, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return net.Dial("unix", p.current.Socket())
	}})
	t.Cleanup(func() { require.NoError(t, p.client.Close()) })
	return p
}

func (p *pair) node(t *testing.T) *sseredis.Broker {
	t.Helper()
	broker, err := sseredis.New(p.client)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, broker.Close(context.Background())) })
	return broker
}

// replicated waits until the replica has everything.
func (p *pair) replicated(t *testing.T) {
	t.Helper()
	conn := p.master.admin.Conn()
	defer conn.Close()
	require.NoError(t, conn.Set(t.Context(), "marker", "x", 0).Err())
	for count := int64(0); count == 0; {
		var err error
		count, err = conn.Wait(t.Context(), 1, time.Second).Result()
		require.NoError(t, err)
	}
}

func (p *pair) promote(t *testing.T) {
	t.Helper()
	require.NoError(t, p.replica.admin.ReplicaOf(t.Context(), "NO", "ONE").Err())
}

// failOver kills the master. The client finds the other one.
func (p *pair) failOver(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	p.current = p.replica
	p.mu.Unlock()
	p.master.Kill(t)
}

// publish tries until it is acknowledged.
func publish(t *testing.T, broker sse.Broker, data string) sse.Position {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		position, err := broker.Publish(ctx, "a", []byte(data))
		if err == nil {
			return position
		}
		if ctx.Err() != nil {
			require.NoError(t, err)
		}
		<-time.After(time.Millisecond)
	}
}

func TestReplicaTakesOver(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	first, second := p.node(t), p.node(t)
	var want []sse.Position
	for range 3 {
		want = append(want, publish(t, first, "before"))
	}
	p.replicated(t)
	p.promote(t)
	p.failOver(t)
	want = append(want, publish(t, second, "after"), publish(t, first, "after"))
	assert.Equal(t, []uint64{1, 2, 3, 1_000_000_000, 1_000_000_001}, offsets(want))
	for i, after := range append([]sse.Position{{Epoch: want[0].Epoch}}, want[:4]...) {
		for _, broker := range []sse.Broker{first, second} {
			var got []sse.Position
			for message, err := range broker.Range(t.Context(), after, 10, []string{"a"}) {
				require.NoError(t, err)
				got = append(got, message.Position)
			}
			assert.Equal(t, want[i:], got)
			got = nil
			for message, err := range broker.Subscribe(t.Context(), after) {
				require.NoError(t, err)
				if got = append(got, message.Position); len(got) == len(want)-i {
					break
				}
			}
			assert.Equal(t, want[i:], got)
		}
	}
}

func offsets(positions []sse.Position) []uint64 {
	var all []uint64
	for _, position := range positions {
		all = append(all, position.Offset)
	}
	return all
}

// Two messages were acknowledged that the replica does not have. Nobody has
// received them, and another node publishes first.
func TestReplicaTakesOverThatHadNotGotSoFar(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	first, second := p.node(t), p.node(t)
	kept := publish(t, first, "kept")
	p.replicated(t)
	p.promote(t)
	lost := []sse.Position{publish(t, first, "lost"), publish(t, first, "lost")}
	p.failOver(t)
	other := publish(t, second, "another's")
	assert.Equal(t, sse.Position{Epoch: kept.Epoch, Offset: 1_000_000_000}, other)
	for _, position := range lost {
		for _, err := range second.Range(t.Context(), position, 1, []string{"a"}) {
			require.ErrorIs(t, err, sse.ErrGap)
		}
	}
	gap := make(chan error, 1)
	go func() {
		for _, err := range second.Subscribe(t.Context(), kept) {
			if err != nil {
				gap <- err
			}
		}
	}()
	own := publish(t, first, "own")
	assert.Greater(t, own.Epoch, kept.Epoch)
	require.ErrorIs(t, <-gap, sse.ErrGap)
}

// A master that becomes a replica ends what waits for it.
func TestDemotedServerIsLeft(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	node := p.node(t)
	last := publish(t, node, "before")
	p.replicated(t)
	ended := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		for _, err := range node.Subscribe(t.Context(), sse.Position{Epoch: last.Epoch}) {
			if err != nil {
				ended <- err
				return
			}
			close(begun)
		}
	}()
	<-begun
	p.promote(t)
	require.NoError(t, p.master.admin.ReplicaOf(t.Context(), "127.0.0.1", p.replicaPort).Err())
	require.Error(t, <-ended)
	_, err := node.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.ErrorContains(t, err, "READONLY")
}

func TestCluster(t *testing.T) {
	t.Parallel()
	server, port := startListening(t, "--cluster-enabled", "yes")
	require.NoError(t, server.admin.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:" + port}})
	defer client.Close()
	for i := range 5 { // in several slots
		broker, err := sseredis.New(client, func(c *sseredis.Config) { c.Stream = "events:" + strconv.Itoa(i) })
		require.NoError(t, err)
		first := publish(t, broker, "first")
		second := publish(t, broker, "second")
		for message, err := range broker.Range(t.Context(), first, 10, []string{"a"}) {
			require.NoError(t, err)
			assert.Equal(t, second, message.Position)
		}
		for message, err := range broker.Subscribe(t.Context(), first) {
			require.NoError(t, err)
			assert.Equal(t, second, message.Position)
			break
		}
		require.NoError(t, broker.Close(context.Background()))
	}
}

func TestRingIsRefused(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := redis.NewRing(&redis.RingOptions{
		Addrs: map[string]string{"one": server.Socket()},
		NewClient: func(options *redis.Options) *redis.Client {
			options.Network, options.Addr = "unix", server.Socket()
			return redis.NewClient(options)
		},
	})
	defer client.Close()
	broker, err := sseredis.New(client)
	require.NoError(t, err)
	defer broker.Close(context.Background())
	last, err := broker.Last(t.Context())
	require.NoError(t, err)
	for _, err := range broker.Subscribe(t.Context(), last) {
		require.EqualError(t, err, "subscribe to redis stream chitor:events: a *redis.Ring has no single server for a stream: "+
			"use a *redis.Client or a *redis.ClusterClient")
	}
}
