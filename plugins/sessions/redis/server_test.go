package sessionsredis_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/redistest"
	"github.com/chitor-go/chitor/plugins/sessions"
	sessionsredis "github.com/chitor-go/chitor/plugins/sessions/redis"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

// server is a redis-server of the test's own.
type server struct {
	*redistest.Server

	admin *redis.Client
}

// startServer starts a server that has no port, with further options of
// redis-server. It keeps what it is told, and forgets it with --appendonly no.
func startServer(t testing.TB, options ...string) *server {
	t.Helper()
	s := redistest.New(t, options...)
	s.Start(t)
	return &server{s, administer(t, s)}
}

func administer(t testing.TB, s *redistest.Server) *redis.Client {
	t.Helper()
	admin := redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket(), DialerRetries: 1})
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	return admin
}

// node returns a storage of its own on the server. It is patient: the machine may
// be busy.
func (s *server) node(t testing.TB, configure ...func(*sessionsredis.Config)) *sessionsredis.Storage {
	t.Helper()
	patient := func(c *sessionsredis.Config) { c.Timeout = time.Minute }
	storage, err := sessionsredis.Open(s.URL(), append([]func(*sessionsredis.Config){patient}, configure...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, storage.Close(context.Background())) })
	return storage
}

// startCluster starts a cluster of one server, and returns a client of it.
func startCluster(t *testing.T) *redis.ClusterClient {
	t.Helper()
	s, port := redistest.Listening(t, "--cluster-enabled", "yes", "--appendonly", "no")
	require.NoError(t, administer(t, s).ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:" + port}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	require.Eventually(t, func() bool {
		return client.Set(t.Context(), "is it ready", "yes", 0).Err() == nil
	}, time.Minute, 10*time.Millisecond)
	return client
}

// record returns a session of the owner of that name, of nobody if it is empty.
func record(data, owner string, life time.Duration) sessions.Record {
	made := sessions.Record{Data: []byte(data), Expires: time.Now().Add(life)}
	if owner != "" {
		made.Owner = storagetest.Key(owner)
	}
	return made
}

func save(t testing.TB, storage sessions.Storage, name, data, owner string) {
	t.Helper()
	require.NoError(t, storage.Save(t.Context(), storagetest.Key(name), record(data, owner, time.Hour)))
}

func requireData(t testing.TB, storage sessions.Storage, name, want string) {
	t.Helper()
	loaded, err := storage.Load(t.Context(), storagetest.Key(name))
	require.NoError(t, err)
	require.Equal(t, want, string(loaded.Data))
}

func requireNone(t testing.TB, storage sessions.Storage, name string) {
	t.Helper()
	_, err := storage.Load(t.Context(), storagetest.Key(name))
	require.ErrorIs(t, err, sessions.ErrNoSession)
}
