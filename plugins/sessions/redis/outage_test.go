package sessionsredis_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sessions"
	sessionsredis "github.com/chitor-go/chitor/plugins/sessions/redis"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

// operations are all that a storage is asked for.
func operations(s *sessionsredis.Storage) map[string]func(ctx context.Context) error {
	key := storagetest.Key("a")
	return map[string]func(ctx context.Context) error{
		"load from redis: ": func(ctx context.Context) error { _, err := s.Load(ctx, key); return err },
		"save in redis: ":   func(ctx context.Context) error { return s.Save(ctx, key, record("x", "owner", time.Hour)) },
		"update in redis: ": func(ctx context.Context) error { return s.Update(ctx, key, record("x", "owner", time.Hour)) },
		"touch in redis: ":  func(ctx context.Context) error { return s.Touch(ctx, key, time.Now().Add(time.Hour)) },
		"delete in redis: ": func(ctx context.Context) error { return s.Delete(ctx, key) },
		"delete an owner's sessions in redis: ": func(ctx context.Context) error {
			return s.DeleteOwner(ctx, storagetest.Key("owner"))
		},
	}
}

// A server that is away is an error and no logout. When it is back, sessions are
// what it has kept, and the client finds it by itself.
func TestServerThatIsKilled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []string
		keeps   bool
	}{
		"and keeps sessions":   {nil, true},
		"and forgets sessions": {[]string{"--appendonly", "no"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startServer(t, c.options...)
			storage := server.node(t, func(c *sessionsredis.Config) { c.Timeout = 100 * time.Millisecond })
			patient := server.node(t)
			save(t, patient, "a", "of a", "owner")
			save(t, patient, "b", "of b", "owner")
			requireData(t, patient, "a", "of a")

			server.Kill(t)
			for operation, do := range operations(storage) {
				err := do(t.Context())
				require.ErrorContains(t, err, operation)
				require.NotErrorIs(t, err, sessions.ErrNoSession)
			}

			server.Start(t)
			if c.keeps {
				requireData(t, patient, "a", "of a")
				require.NoError(t, patient.DeleteOwner(t.Context(), storagetest.Key("owner")))
			}
			requireNone(t, patient, "a")
			requireNone(t, patient, "b")
			save(t, patient, "a", "again", "owner")
			requireData(t, patient, "a", "again")
		})
	}
}

// silentServer takes connections and never says anything.
func silentServer(t *testing.T) (url string, accepted chan net.Conn) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	accepted = make(chan net.Conn, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	return "unix://" + socket + "?read_timeout=10m&dial_timeout=10m&max_retries=100", accepted
}

// A call that ends waits for nobody. The time-outs of the client and of the
// storage, which are ten minutes here, would let the test fail.
func TestContextsEndOperations(t *testing.T) {
	t.Parallel()
	url, accepted := silentServer(t)
	storage, err := sessionsredis.Open(url, func(c *sessionsredis.Config) { c.Timeout = 10 * time.Minute })
	require.NoError(t, err)
	defer storage.Close(context.Background())
	for operation, do := range operations(storage) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- do(ctx) }()
		conn := <-accepted
		cancel()
		err := <-ended
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, operation)
		require.NoError(t, conn.Close())
	}
}

// A server that is slow, and one that cannot be reached, hold nobody up for longer
// than the storage allows, nor than the context does.
func TestTimeoutsEndOperations(t *testing.T) {
	t.Parallel()
	url, _ := silentServer(t)
	for name, url := range map[string]string{"silent": url, "nobody there": "unix:///nowhere?max_retries=100"} {
		for limit, c := range map[string]struct{ storage, context time.Duration }{
			"of the storage": {50 * time.Millisecond, 10 * time.Minute},
			"of the context": {10 * time.Minute, 50 * time.Millisecond},
		} {
			t.Run(name+" "+limit, func(t *testing.T) {
				t.Parallel()
				storage, err := sessionsredis.Open(url, func(config *sessionsredis.Config) { config.Timeout = c.storage })
				require.NoError(t, err)
				defer storage.Close(context.Background())
				for operation, do := range operations(storage) {
					ctx, cancel := context.WithTimeout(t.Context(), c.context)
					err := do(ctx)
					cancel()
					require.ErrorContains(t, err, operation)
					require.NotErrorIs(t, err, sessions.ErrNoSession)
				}
			})
		}
	}
}

// A full server that may evict nothing refuses what is new, and says so.
func TestFullServer(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no", "--maxmemory-policy", "noeviction")
	storage := server.node(t)
	save(t, storage, "a", "x", "owner")
	require.NoError(t, server.admin.ConfigSet(t.Context(), "maxmemory", "1").Err())
	require.ErrorContains(t, storage.Save(t.Context(), storagetest.Key("b"), record("x", "owner", time.Hour)), "OOM")
	requireData(t, storage, "a", "x")
	require.NoError(t, storage.Delete(t.Context(), storagetest.Key("a")), "who logs out is logged out")
	requireNone(t, storage, "a")
}

// A flood of sessions evicts itself, and leaves no owner's session unlisted.
func TestServerThatEvicts(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no", "--maxmemory-policy", "volatile-ttl")
	storage := server.node(t)
	require.NoError(t, storage.Save(t.Context(), storagetest.Key("user"), record("x", "user", 1000*time.Hour)))
	require.NoError(t, server.admin.ConfigSet(t.Context(), "maxmemory", "4mb").Err())
	for i := range 200 {
		made := record(string(make([]byte, 50_000)), "", time.Hour)
		require.NoError(t, storage.Save(t.Context(), storagetest.Key(fmt.Sprint("flood", i)), made))
	}
	assert.Less(t, server.admin.DBSize(t.Context()).Val(), int64(100))
	requireData(t, storage, "user", "x")
	assert.Equal(t, []string{storagetest.Key("user")}, server.listed(t, "user"))
}

func TestClose(t *testing.T) {
	t.Parallel()
	storage := startServer(t).node(t)
	save(t, storage, "a", "x", "")
	require.NoError(t, storage.Close(context.Background()))
	require.NoError(t, storage.Close(context.Background()))
	_, err := storage.Load(t.Context(), storagetest.Key("a"))
	require.ErrorIs(t, err, redis.ErrClosed)
}

// A server that refuses connections is an error.
func TestServerThatRefuses(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	storage, err := sessionsredis.Open("redis://" + listener.Addr().String())
	require.NoError(t, err)
	defer func() { assert.NoError(t, storage.Close(t.Context())) }()
	for operation, do := range operations(storage) {
		require.ErrorContains(t, do(t.Context()), "connection refused", operation)
	}
}

// A server that hangs up is asked twice, and no call waits for more.
func TestServerThatHangsUp(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var accepted atomic.Int32
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			_ = conn.Close()
		}
	})
	defer serving.Wait()
	defer func() { assert.NoError(t, listener.Close()) }()
	storage, err := sessionsredis.Open("redis://" + listener.Addr().String())
	require.NoError(t, err)
	defer func() { assert.NoError(t, storage.Close(t.Context())) }()
	for operation, do := range operations(storage) {
		accepted.Store(0)
		require.Error(t, do(t.Context()), operation)
		assert.LessOrEqual(t, accepted.Load(), int32(2), operation)
	}
}
