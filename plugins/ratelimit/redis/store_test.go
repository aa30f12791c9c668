package ratelimitredis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/ratelimit"
	ratelimitredis "github.com/chitor-go/chitor/plugins/ratelimit/redis"
)

// slowly is a limit whose tokens do not come back while a test runs.
func slowly(limit int) ratelimit.Policy {
	return ratelimit.Policy{Name: "test", Limit: limit, Refill: 10_000 * time.Hour}
}

// take takes tokens, which must not fail.
func take(t testing.TB, store ratelimit.Store, policy ratelimit.Policy, key string, weight int) ratelimit.Balance {
	t.Helper()
	balance, err := store.Take(t.Context(), policy, key, weight)
	require.NoError(t, err)
	return balance
}

func TestTake(t *testing.T) {
	t.Parallel()
	store := startServer(t).node(t)
	for i, step := range []struct {
		key    string
		limit  int
		weight int
		taken  bool
		tokens float64
	}{
		{"a", 10, 4, true, 6},
		{"a", 10, 4, true, 2},
		{"a", 10, 3, false, 2},
		{"a", 10, 2, true, 0},
		{"a", 10, 1, false, 0},
		{"b", 10, 11, false, 10},
		{"b", 10, 10, true, 0},
		{"", 1, 1, true, 0},
		{"\x00 {a}:\r\n\xff", 2, 1, true, 1},
		{"grows", 3, 2, true, 1},
		{"grows", 5, 2, false, 1},
		{"grows", 5, 1, true, 0},
		{"shrinks", 5, 1, true, 4},
		{"shrinks", 2, 1, true, 1},
	} {
		balance := take(t, store, slowly(step.limit), step.key, step.weight)
		assert.Equal(t, step.taken, balance.Taken, "step %d: %v", i, step)
		assert.InDelta(t, step.tokens, balance.Tokens, 1e-3, "step %d: %v", i, step)
	}
}

// Whatever the nodes do at once, all of them together take as many tokens as
// there are, and none is lost.
func TestNodesTakeNoTokenTwice(t *testing.T) {
	t.Parallel()
	const nodes, clients, limit = 4, 8, 200
	server := startServer(t)
	var taken atomic.Int64
	var all sync.WaitGroup
	for range nodes {
		store := server.node(t)
		for range clients {
			all.Go(func() {
				for range 20 {
					weight := 1 + rand.IntN(3)
					balance, err := store.Take(t.Context(), slowly(limit), "key", weight)
					assert.NoError(t, err)
					if balance.Taken {
						taken.Add(int64(weight))
					}
				}
			})
		}
	}
	all.Wait()
	assert.EqualValues(t, limit, taken.Load())
}

// While tokens come back, all nodes together take no more than the limit and what
// has come back.
func TestNodesTakeNoMoreThanComesBack(t *testing.T) {
	t.Parallel()
	const nodes, limit, refill = 4, 50, 100 * time.Millisecond
	server := startServer(t)
	policy := ratelimit.Policy{Name: "fast", Limit: limit, Refill: refill}
	var taken atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range nodes {
		store := server.node(t)
		for range 4 {
			all.Go(func() {
				for range 200 {
					balance, err := store.Take(t.Context(), policy, "key", 1)
					assert.NoError(t, err)
					if balance.Taken {
						taken.Add(1)
					}
				}
			})
		}
	}
	all.Wait()
	most := limit + float64(limit)*float64(time.Since(began))/float64(refill)
	assert.LessOrEqual(t, float64(taken.Load()), most+1)
	assert.GreaterOrEqual(t, taken.Load(), int64(limit))
}

// A bucket that is full again is not there, and one that is not says when it
// will be.
func TestBucketsExpire(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.node(t)
	take(t, store, ratelimit.Policy{Name: "hourly", Limit: 10, Refill: time.Hour}, "a", 5)
	left, err := server.admin.PTTL(t.Context(), "chitor:limit:hourly:a").Result()
	require.NoError(t, err)
	assert.LessOrEqual(t, left, 30*time.Minute)
	assert.Greater(t, left, 29*time.Minute)

	take(t, store, ratelimit.Policy{Name: "hourly", Limit: 10, Refill: time.Hour}, "b", 11)
	assert.Equal(t, []string{"chitor:limit:hourly:a"}, server.admin.Keys(t.Context(), "*").Val(), "what was not taken is not kept")

	short := ratelimit.Policy{Name: "short", Limit: 1, Refill: 50 * time.Millisecond}
	assert.True(t, take(t, store, short, "a", 1).Taken)
	require.Eventually(t, func() bool {
		return server.admin.Exists(t.Context(), "chitor:limit:short:a").Val() == 0
	}, time.Minute, time.Millisecond)
	assert.True(t, take(t, store, short, "a", 1).Taken)
}

// A server that has forgotten its scripts, or everything, is no error.
func TestServerThatForgets(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.node(t)
	assert.InDelta(t, 9, take(t, store, slowly(10), "a", 1).Tokens, 1e-3)
	require.NoError(t, server.admin.ScriptFlush(t.Context()).Err())
	assert.InDelta(t, 8, take(t, store, slowly(10), "a", 1).Tokens, 1e-3)
	require.NoError(t, server.admin.FlushAll(t.Context()).Err())
	assert.InDelta(t, 9, take(t, store, slowly(10), "a", 1).Tokens, 1e-3)
	server.Kill(t)
	_, err := store.Take(t.Context(), slowly(10), "a", 1)
	require.ErrorContains(t, err, "take tokens of limit test in redis: ")
	server.Start(t)
	require.Eventually(t, func() bool {
		balance, err := store.Take(t.Context(), slowly(10), "b", 1)
		return err == nil && balance.Taken
	}, time.Minute, time.Millisecond)
}

func TestCluster(t *testing.T) {
	t.Parallel()
	store, err := ratelimitredis.New(startCluster(t))
	require.NoError(t, err)
	for i := range 50 {
		key := fmt.Sprintf("{%d}:192.0.2.%d", i%3, i)
		assert.True(t, take(t, store, slowly(2), key, 2).Taken)
		assert.False(t, take(t, store, slowly(2), key, 1).Taken)
	}
	require.NoError(t, store.Close(context.Background()), "the client is its owner's")
	assert.True(t, take(t, store, slowly(1), "after", 1).Taken)
}

func TestPrefixesSeparate(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	one, other := server.node(t), server.node(t, func(c *ratelimitredis.Config) { c.Prefix = "shop:" })
	assert.True(t, take(t, one, slowly(1), "a", 1).Taken)
	assert.True(t, take(t, other, slowly(1), "a", 1).Taken)
	assert.False(t, take(t, other, slowly(1), "a", 1).Taken)
	assert.ElementsMatch(t, []string{"chitor:limit:test:a", "shop:test:a"}, server.admin.Keys(t.Context(), "*").Val())
}

// A value that is somebody else's is an error, and stays.
func TestKeyOfSomebodyElse(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.node(t)
	for name, put := range map[string]func() error{
		"text": func() error { return server.admin.Set(t.Context(), "chitor:limit:test:a", "a text", 0).Err() },
		"list": func() error { return server.admin.RPush(t.Context(), "chitor:limit:test:a", "x").Err() },
	} {
		require.NoError(t, server.admin.Del(t.Context(), "chitor:limit:test:a").Err())
		require.NoError(t, put())
		_, err := store.Take(t.Context(), slowly(1), "a", 1)
		require.ErrorContains(t, err, "take tokens of limit test in redis: ", name)
		assert.EqualValues(t, 1, server.admin.Exists(t.Context(), "chitor:limit:test:a").Val())
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"localhost", "redis://user:secr%zzet@host", "redis://user:sec/ret@host", "secret://host", "redis://:secret@host/secret",
	} {
		_, err := ratelimitredis.Open(url)
		require.EqualError(t, err, "open redis store: the URL cannot be read: it is like redis://user:password@host:6379/0?pool_size=50, "+
			"or has rediss or unix in the place of redis, and the password is escaped, as %40 is a @")
	}
	_, err := ratelimitredis.Open("redis://x", nil)
	require.EqualError(t, err, "open redis store: a function that configures it is nil")
	_, err = ratelimitredis.New(nil)
	require.EqualError(t, err, "new redis store: the client is nil")
	for _, client := range []redis.UniversalClient{
		redis.NewClient(&redis.Options{}), redis.NewClusterClient(&redis.ClusterOptions{}), redis.NewRing(&redis.RingOptions{}),
	} {
		_, err = ratelimitredis.New(client)
		require.EqualError(t, err, "new redis store: the client does not heed the deadlines of contexts: set ContextTimeoutEnabled in its options")
		require.NoError(t, client.Close())
	}
	client := redis.NewFailoverClient(&redis.FailoverOptions{ContextTimeoutEnabled: true})
	defer client.Close()
	_, err = ratelimitredis.New(client, nil)
	require.EqualError(t, err, "new redis store: a function that configures it is nil")
	_, err = ratelimitredis.New(client)
	require.NoError(t, err)
}

func TestClose(t *testing.T) {
	t.Parallel()
	store := startServer(t).node(t)
	take(t, store, slowly(1), "a", 1)
	require.NoError(t, store.Close(context.Background()))
	require.NoError(t, store.Close(context.Background()))
	_, err := store.Take(t.Context(), slowly(1), "a", 1)
	require.ErrorIs(t, err, redis.ErrClosed)
}

// A server that takes connections and never says anything, and one that cannot
// be reached, hold a call up no longer than its context allows: the client's own
// time-outs, which are ten minutes here, would let the test fail.
func TestDeadlinesEndCallsToASilentServer(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	for name, url := range map[string]string{"silent": "unix://" + socket, "nobody there": "unix://" + socket + "-none"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := ratelimitredis.Open(url + "?read_timeout=10m&dial_timeout=10m&max_retries=100")
			require.NoError(t, err)
			defer store.Close(context.Background())
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err = store.Take(ctx, slowly(1), "a", 1)
			require.Error(t, err)
		})
	}
}

// cutting drops the connection in the place of the reply to the script that comes
// next.
type cutting struct {
	net.Conn

	cut *atomic.Bool
}

func (c cutting) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if strings.Contains(string(p), "evalsha") && c.cut.CompareAndSwap(true, false) {
		// The server has got it when it has answered.
		_, _ = c.Read(make([]byte, 1))
		_ = c.Close()
	}
	return n, err
}

// The server has taken tokens, and its answer is lost. A client that tried again
// would take more.
func TestTakeIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	var cut atomic.Bool
	client := redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			conn, err := net.Dial("unix", server.Socket())
			return cutting{conn, &cut}, err
		},
		MaxRetries: 5, ContextTimeoutEnabled: true,
	})
	defer client.Close()
	store, err := ratelimitredis.New(client)
	require.NoError(t, err)
	assert.InDelta(t, 9, take(t, store, slowly(10), "a", 1).Tokens, 1e-3)
	cut.Store(true)
	_, err = store.Take(t.Context(), slowly(10), "a", 1)
	require.Error(t, err)
	assert.InDelta(t, 7, take(t, store, slowly(10), "a", 1).Tokens, 1e-3)
}

func BenchmarkTake(b *testing.B) {
	store := startServer(b).node(b)
	policy := ratelimit.Policy{Name: "bench", Limit: 1000, Refill: time.Second}
	b.ReportAllocs()
	for b.Loop() {
		_ = take(b, store, policy, "key", 1)
	}
}
