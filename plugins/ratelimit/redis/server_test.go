package ratelimitredis_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/redistest"
	ratelimitredis "github.com/chitor-go/chitor/plugins/ratelimit/redis"
)

// server is a redis-server of the test's own, which forgets all when it ends.
type server struct {
	*redistest.Server

	admin *redis.Client
}

// startServer starts a server that has no port.
func startServer(t testing.TB) *server {
	t.Helper()
	s := redistest.New(t, "--appendonly", "no")
	s.Start(t)
	return &server{s, administer(t, s)}
}

func administer(t testing.TB, s *redistest.Server) *redis.Client {
	t.Helper()
	admin := redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket(), MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	return admin
}

// node returns a store of its own on the server.
func (s *server) node(t testing.TB, configure ...func(*ratelimitredis.Config)) *ratelimitredis.Store {
	t.Helper()
	store, err := ratelimitredis.Open(s.URL(), configure...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	return store
}

// startCluster starts a cluster of one server, and returns a client of it.
func startCluster(t *testing.T) *redis.ClusterClient {
	t.Helper()
	s, port := redistest.Listening(t, "--cluster-enabled", "yes")
	require.NoError(t, administer(t, s).ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:" + port}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	require.Eventually(t, func() bool {
		return client.Set(t.Context(), "is it ready", "yes", 0).Err() == nil
	}, time.Minute, 10*time.Millisecond)
	return client
}
