package sessionsredis_test

import (
	"context"
	"strconv"
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

const prefix = "chitor:session:"

func TestStorage(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storagetest.Test(t, func(t *testing.T) sessions.Storage {
		require.NoError(t, server.admin.FlushAll(t.Context()).Err())
		return server.node(t)
	})
}

func TestCluster(t *testing.T) {
	t.Parallel()
	client := startCluster(t)
	storagetest.Test(t, func(t *testing.T) sessions.Storage {
		require.NoError(t, client.FlushAll(t.Context()).Err())
		storage, err := sessionsredis.New(client, func(c *sessionsredis.Config) { c.Timeout = time.Minute })
		require.NoError(t, err)
		return storage
	})
}

// A user may do what the package's documentation says, and it suffices.
func TestAccessList(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	rules := []string{"user", "on", ">secret", "~" + prefix + "*"}
	for _, command := range []string{
		"del", "eval", "evalsha", "get", "getrange", "pexpire", "pttl", "set", "setrange",
		"time", "zadd", "zrem", "zremrangebyscore", "zscan",
	} {
		rules = append(rules, "+"+command)
	}
	require.NoError(t, server.admin.ACLSetUser(t.Context(), rules[0], rules[1:]...).Err())
	client := redis.NewClient(&redis.Options{
		Network: "unix", Addr: server.Socket(), Username: "user", Password: "secret", ContextTimeoutEnabled: true,
	})
	defer client.Close()
	storagetest.Test(t, func(t *testing.T) sessions.Storage {
		require.NoError(t, server.admin.FlushAll(t.Context()).Err())
		storage, err := sessionsredis.New(client, func(c *sessionsredis.Config) { c.Timeout = time.Minute })
		require.NoError(t, err)
		return storage
	})
	require.ErrorContains(t, client.FlushAll(t.Context()).Err(), "NOPERM")
}

func TestClientOfOnesOwnStaysOpen(t *testing.T) {
	t.Parallel()
	client := startCluster(t)
	storage, err := sessionsredis.New(client)
	require.NoError(t, err)
	require.NoError(t, storage.Close(context.Background()))
	save(t, storage, "a", "x", "")
	requireData(t, storage, "a", "x")
}

// The server forgets what has expired, by its own clock and nobody's call.
func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	key := prefix + storagetest.Key("a")
	life := func() time.Duration { return server.admin.PTTL(t.Context(), key).Val() }
	require.NoError(t, storage.Save(t.Context(), storagetest.Key("a"), record("x", "", time.Hour)))
	assert.InDelta(t, time.Hour, life(), float64(time.Minute))
	require.NoError(t, storage.Touch(t.Context(), storagetest.Key("a"), time.Now().Add(2*time.Hour)))
	assert.InDelta(t, 2*time.Hour, life(), float64(time.Minute))
	require.NoError(t, storage.Update(t.Context(), storagetest.Key("a"), record("y", "", 3*time.Hour)))
	assert.InDelta(t, 3*time.Hour, life(), float64(time.Minute))
	require.NoError(t, storage.Touch(t.Context(), storagetest.Key("a"), time.Now().Add(30*time.Millisecond)))
	require.Eventually(t, func() bool { return server.admin.DBSize(t.Context()).Val() == 0 }, time.Minute, time.Millisecond)
	requireNone(t, storage, "a")
}

// Years that a Duration does not reach are as far away as it does.
func TestSessionThatLastsForEver(t *testing.T) {
	t.Parallel()
	storage := startServer(t, "--appendonly", "no").node(t)
	never := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	made := record("x", "owner", 0)
	made.Expires = never
	require.NoError(t, storage.Save(t.Context(), storagetest.Key("a"), made))
	require.NoError(t, storage.Touch(t.Context(), storagetest.Key("a"), never))
	loaded, err := storage.Load(t.Context(), storagetest.Key("a"))
	require.NoError(t, err)
	assert.WithinDuration(t, never, loaded.Expires, time.Second)
	assert.Equal(t, storagetest.Key("owner"), loaded.Owner)
}

// A server that has forgotten its scripts is no error.
func TestServerThatForgetsScripts(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	key, forget := storagetest.Key("a"), func() { require.NoError(t, server.admin.ScriptFlush(t.Context()).Err()) }
	save(t, storage, "a", "x", "owner")
	forget()
	require.NoError(t, storage.Update(t.Context(), key, record("y", "owner", time.Hour)))
	forget()
	require.NoError(t, storage.Touch(t.Context(), key, time.Now().Add(time.Hour)))
	forget()
	requireData(t, storage, "a", "y")
	require.NoError(t, storage.Delete(t.Context(), key))
	forget()
	save(t, storage, "b", "x", "owner")
	forget()
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("owner")))
	requireNone(t, storage, "b")
}

func TestPrefixesSeparate(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	one, other := server.node(t), server.node(t, func(c *sessionsredis.Config) { c.Prefix = "shop:" })
	save(t, one, "a", "one", "owner")
	save(t, other, "a", "other", "owner")
	key, owner := storagetest.Key("a"), storagetest.Key("owner")
	assert.ElementsMatch(t, []string{
		prefix + key, prefix + "owner:" + owner, "shop:" + key, "shop:owner:" + owner,
	}, server.admin.Keys(t.Context(), "*").Val())
	require.NoError(t, one.DeleteOwner(t.Context(), owner))
	requireNone(t, one, "a")
	requireData(t, other, "a", "other")
}

// A value that is somebody else's is an error, and stays. The error names no key.
func TestKeyOfSomebodyElse(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	key := storagetest.Key("a")
	text := func(value string) func() error {
		return func() error { return server.admin.Set(t.Context(), prefix+key, value, 0).Err() }
	}
	for name, put := range map[string]func() error{
		"text":              text("a text"),
		"lines":             text("1 2\n3"),
		"other digits":      text("00000176445223312x 000001764452290000 \nx"),
		"signs":             text("-00001764452233123 000001764452290000 \nx"),
		"without the owner": text("000001764452233123 000001764452290000\nx"),
		"list":              func() error { return server.admin.RPush(t.Context(), prefix+key, "x").Err() },
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, server.admin.Del(t.Context(), prefix+key).Err())
			require.NoError(t, put())
			before := server.admin.Dump(t.Context(), prefix+key).Val()
			_, err := storage.Load(t.Context(), key)
			for operation, err := range map[string]error{
				"load from redis: ": err,
				"save in redis: ":   storage.Save(t.Context(), key, record("x", "", time.Hour)),
				"update in redis: ": storage.Update(t.Context(), key, record("x", "", time.Hour)),
				"touch in redis: ":  storage.Touch(t.Context(), key, time.Now().Add(time.Hour)),
				"delete in redis: ": storage.Delete(t.Context(), key),
			} {
				require.ErrorContains(t, err, operation)
				require.NotErrorIs(t, err, sessions.ErrNoSession)
				require.NotContains(t, err.Error(), key)
			}
			require.NotEmpty(t, before)
			assert.Equal(t, before, server.admin.Dump(t.Context(), prefix+key).Val())
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	wrong := func(c *sessionsredis.Config) { c.Prefix, c.Timeout = "", -time.Second }
	const ofConfig = "the configuration function is nil\n" +
		"the prefix is empty: it keeps sessions apart from the other keys of the server\n" +
		"the timeout is -1s: it must be positive"
	for _, url := range []string{"localhost", "redis://user:secret@host:%zz", "redis://user:sec/ret@host", "http://:secret@host", "redis://:secret@host/db", "redis://user:secret@host?no_such_option=1"} {
		_, err := sessionsredis.Open(url, nil, wrong)
		require.EqualError(t, err, "open redis storage: the URL cannot be read: "+
			"it is like redis://user:password@host:6379/0?pool_size=50, or has rediss or unix in the place of redis, "+
			"and the password is escaped, as %40 is a @\n"+ofConfig)
	}
	_, err := sessionsredis.New(nil, nil, wrong)
	require.EqualError(t, err, "new redis storage: the client is nil\n"+ofConfig)

	const deaf = "new redis storage: the client does not heed the deadlines of contexts: set ContextTimeoutEnabled in its options"
	const late = "the client reads from replicas, which may have a session that was deleted: " +
		"leave ReadOnly, RouteByLatency and RouteRandomly of its options unset"
	for _, c := range []struct {
		client redis.UniversalClient
		want   string
	}{
		{redis.NewClient(&redis.Options{}), deaf},
		{redis.NewRing(&redis.RingOptions{}), deaf},
		{redis.NewClusterClient(&redis.ClusterOptions{}), deaf},
		{redis.NewClusterClient(&redis.ClusterOptions{ReadOnly: true}), deaf + "\n" + late},
		{redis.NewClusterClient(&redis.ClusterOptions{RouteRandomly: true, ContextTimeoutEnabled: true}), "new redis storage: " + late},
	} {
		_, err = sessionsredis.New(c.client)
		require.EqualError(t, err, c.want)
		require.NoError(t, c.client.Close())
	}
	client := redis.NewFailoverClient(&redis.FailoverOptions{ContextTimeoutEnabled: true})
	defer client.Close()
	_, err = sessionsredis.New(client)
	require.NoError(t, err)
}

func BenchmarkLoad(b *testing.B) {
	storage := startServer(b, "--appendonly", "no").node(b)
	save(b, storage, "a", "a session of some bytes", "owner")
	key := storagetest.Key("a")
	b.ReportAllocs()
	for b.Loop() {
		_, err := storage.Load(b.Context(), key)
		require.NoError(b, err)
	}
}

// Many nodes' calls at once, as in a flood of new sessions.
func BenchmarkSave(b *testing.B) {
	storage := startServer(b, "--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "volatile-ttl").node(b)
	b.ReportAllocs()
	b.SetParallelism(16)
	var count atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			key := storagetest.Key(strconv.FormatInt(count.Add(1), 10))
			assert.NoError(b, storage.Save(b.Context(), key, record("a session of some bytes", "", time.Hour)))
		}
	})
}
