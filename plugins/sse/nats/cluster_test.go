package nats_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
)

// One of three servers, the leader of the stream, is killed while two nodes
// publish and read: nothing that was acknowledged is missing, nothing comes
// twice, and no publisher is told an error.
func TestClusterLosesItsLeader(t *testing.T) {
	t.Parallel()
	const count, killAt = 300, 100
	cluster := startCluster(t)
	replicated := func(c *nats.Config) { c.Replicas = 3 }
	brokers := []*nats.Broker{dial(t, cluster.urls(), replicated), dial(t, cluster.urls(), replicated)}
	begin, err := brokers[0].Last(t.Context())
	require.NoError(t, err)

	// Both read to the end, as a hub does.
	read := make([][]sse.Message, len(brokers))
	done := make(chan struct{}, len(brokers))
	for i, broker := range brokers {
		go func() {
			defer func() { done <- struct{}{} }()
			for after := begin; len(read[i]) < count; {
				for message, err := range broker.Subscribe(t.Context(), after) {
					if err != nil {
						if !assert.NotErrorIs(t, err, sse.ErrGap) || t.Context().Err() != nil {
							return
						}
						break
					}
					after = message.Position
					if read[i] = append(read[i], message); len(read[i]) == count {
						break
					}
				}
			}
		}()
	}
	want := make([]sse.Message, count)
	for i := range want {
		if i == killAt {
			cluster.killLeader(t)
		}
		data := fmt.Appendf(nil, "data: %d\n\n", i)
		position, err := brokers[i%2].Publish(t.Context(), "a", data)
		require.NoError(t, err, "event %d", i)
		want[i] = sse.Message{Position: position, Topic: "a", Data: data}
	}
	for range brokers {
		<-done
	}
	for i := range read {
		require.Equal(t, want, read[i])
	}
}

func TestClusterHasNoStreamInMemory(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	_, err := nats.Connect(t.Context(), cluster.urls(), func(c *nats.Config) { c.Memory = true })
	require.ErrorContains(t, err, `stream "sse" is kept in memory, and the server belongs to the cluster "chitor"`)
}

// A cluster is three servers, each in a process of its own.
type cluster []*process

// startCluster takes other addresses if somebody else has got one meanwhile.
func startCluster(t testing.TB) cluster {
	t.Helper()
	for {
		addresses := freeAddresses(t, 3)
		var servers cluster
		for _, address := range addresses {
			p := &process{directory: t.TempDir(), cluster: address, routes: "nats://" + strings.Join(addresses, ",nats://")}
			if !p.begin(t, "127.0.0.1:0") {
				break
			}
			servers = append(servers, p)
		}
		if len(servers) == len(addresses) {
			return servers
		}
		for _, server := range servers {
			server.kill()
		}
	}
}

// freeAddresses returns different addresses on which nobody listened a moment
// ago.
func freeAddresses(t testing.TB, count int) []string {
	t.Helper()
	var addresses []string
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close() // when all are known, or the next may be the same
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

func (c cluster) urls() string {
	var urls []string
	for _, server := range c {
		urls = append(urls, server.url)
	}
	return strings.Join(urls, ",")
}

// killLeader kills the server that orders the messages of the stream.
func (c cluster) killLeader(t testing.TB) {
	t.Helper()
	conn, err := natsgo.Connect(c.urls())
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "sse")
	require.NoError(t, err)
	leader := stream.CachedInfo().Cluster.Leader
	for _, server := range c {
		if server.cluster == leader {
			server.kill()
			return
		}
	}
	require.NoError(t, errors.New("the leader is "+leader))
}
