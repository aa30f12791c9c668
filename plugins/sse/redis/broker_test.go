package sseredis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

func TestBroker(t *testing.T) {
	t.Parallel()
	brokertest.Test(t, func(t *testing.T) brokertest.Log { return startServer(t).log() })
}

func TestNodes(t *testing.T) {
	t.Parallel()
	brokertest.TestNodes(t, func(t *testing.T) brokertest.Log { return startServer(t).log() })
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	const ofURL = "open redis broker: the URL cannot be read: it is like redis://user:password@host:6379/0?pool_size=50, " +
		"or has rediss or unix in the place of redis, and the password is escaped, as %40 is a @"
	for name, test := range map[string]struct {
		url       string
		configure func(*sseredis.Config)
		want      string
	}{
		"a URL that is none":           {"localhost", func(*sseredis.Config) {}, ofURL},
		"a URL that has a mistake":     {"redis://user:secr%zzet@host", func(*sseredis.Config) {}, ofURL},
		"a password that has a slash":  {"redis://user:sec/ret@host", func(*sseredis.Config) {}, ofURL},
		"a password that is elsewhere": {"secret://host", func(*sseredis.Config) {}, ofURL},
		"a nil function":               {"redis://x", nil, "open redis broker: a function that configures it is nil"},
		"no name":                      {"redis://x", func(c *sseredis.Config) { c.Stream = "" }, `open redis broker: the name of the stream is "": it must not be empty or have braces`},
		"braces":                       {"redis://x", func(c *sseredis.Config) { c.Stream = "{a}:b" }, `open redis broker: the name of the stream is "{a}:b": it must not be empty or have braces`},
		"a negative length": {
			"redis://x", func(c *sseredis.Config) { c.MaxLen = -1 },
			"open redis broker: the length of the stream is -1: it must not be negative, and 0 is no limit",
		},
		"several": {
			"redis://x", func(c *sseredis.Config) { c.Stream, c.MaxLen = "", -1 },
			"open redis broker: the name of the stream is \"\": it must not be empty or have braces\n" +
				"the length of the stream is -1: it must not be negative, and 0 is no limit",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker, err := sseredis.Open(test.url, test.configure)
			assert.Nil(t, broker)
			require.EqualError(t, err, test.want)
		})
	}
	client := redis.NewClient(&redis.Options{})
	defer client.Close()
	_, err := sseredis.New(nil)
	require.EqualError(t, err, "new redis broker: the client is nil")
	_, err = sseredis.New(client, nil)
	require.EqualError(t, err, "new redis broker: a function that configures it is nil")
	_, err = sseredis.New(client, func(c *sseredis.Config) { c.MaxLen = -1 })
	require.ErrorContains(t, err, "new redis broker: the length of the stream is -1")
}

func TestStreamsAreApart(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	first := server.open(t)
	second := server.open(t, func(c *sseredis.Config) { c.Stream = "other" })
	begin, err := second.Last(t.Context())
	require.NoError(t, err)
	position, err := first.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.NoError(t, err)
	last, err := second.Last(t.Context())
	require.NoError(t, err)
	assert.Equal(t, begin, last)
	last, err = first.Last(t.Context())
	require.NoError(t, err)
	assert.Equal(t, position, last)
}

// The ID of an entry is that of the event.
func TestEntriesAreWhatTheyAreSaidToBe(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	position, err := server.open(t).Publish(t.Context(), "a topic", []byte("data: x\n\n"))
	require.NoError(t, err)
	entries, err := server.admin.XRange(t.Context(), "chitor:events", position.String(), position.String()).Result()
	require.NoError(t, err)
	assert.Equal(t, []redis.XMessage{{ID: position.String(), Values: map[string]any{"t": "a topic", "d": "data: x\n\n"}}}, entries)
	keys, err := server.admin.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"chitor:events", "{chitor:events}:log"}, keys)
}

func TestLogHasALength(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	for name, test := range map[string]struct {
		limit, least, most int64
	}{
		"limited":   {200, 200, 400},
		"unlimited": {0, 1001, 1001}, // with the entry that the log begins with
	} {
		t.Run(name, func(t *testing.T) {
			broker := server.open(t, func(c *sseredis.Config) { c.Stream, c.MaxLen = name, test.limit })
			begin, err := broker.Last(t.Context())
			require.NoError(t, err)
			var last sse.Position
			for range 1000 {
				last, err = broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
				require.NoError(t, err)
			}
			length, err := server.admin.XLen(t.Context(), name).Result()
			require.NoError(t, err)
			assert.GreaterOrEqual(t, length, test.least)
			assert.LessOrEqual(t, length, test.most)
			for _, err := range broker.Range(t.Context(), begin, 1, []string{"a"}) {
				if test.limit > 0 {
					require.ErrorIs(t, err, sse.ErrGap)
					require.ErrorContains(t, err, "read redis stream limited after "+begin.String())
				} else {
					require.NoError(t, err)
				}
			}
			after, count := sse.Position{Epoch: last.Epoch, Offset: last.Offset - 200}, 0
			for _, err := range broker.Range(t.Context(), after, 1000, []string{"a"}) {
				require.NoError(t, err)
				count++
			}
			assert.Equal(t, 200, count)
		})
	}
}

// Somebody deletes what must not be deleted.
func TestDeletedEntriesAreAGap(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	broker := server.open(t)
	begin, err := broker.Last(t.Context())
	require.NoError(t, err)
	var places []sse.Position
	for range 5 {
		place, err := broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
		require.NoError(t, err)
		places = append(places, place)
	}
	require.NoError(t, server.admin.XDel(t.Context(), "chitor:events", places[2].String()).Err())
	for name, read := range map[string]func(after sse.Position) (int, error){
		"range": func(after sse.Position) (count int, last error) {
			for _, err := range broker.Range(t.Context(), after, 10, []string{"a"}) {
				if last = err; err != nil {
					return count, err
				}
				count++
			}
			return count, last
		},
		"subscribe": func(after sse.Position) (count int, last error) {
			for _, err := range broker.Subscribe(t.Context(), after) {
				if err != nil {
					return count, err
				}
				if count++; count == 5 {
					break
				}
			}
			return count, last
		},
	} {
		for i, after := range []sse.Position{begin, places[0], places[1], places[2]} {
			count, err := read(after)
			if i == 3 { // what follows the deleted one is all there
				continue
			}
			assert.Equal(t, 2-i, count, "%s after %s", name, after)
			require.ErrorIs(t, err, sse.ErrGap, "%s after %s", name, after)
		}
	}
}

// One of the two keys is deleted, or evicted.
func TestLogWithoutOneOfItsKeysBeginsAnew(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"chitor:events", "{chitor:events}:log"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			server := startServer(t)
			broker := server.open(t)
			old, err := broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
			require.NoError(t, err)
			require.NoError(t, server.admin.Del(t.Context(), key).Err())
			for _, err := range broker.Range(t.Context(), old, 1, []string{"a"}) {
				require.ErrorIs(t, err, sse.ErrGap)
			}
			fresh, err := broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
			require.NoError(t, err)
			assert.Greater(t, fresh.Epoch, old.Epoch)
			assert.Equal(t, uint64(1), fresh.Offset)
		})
	}
}

// Nobody publishes, so that nothing wakes the reader.
func TestEmptiedLogIsNoticedInSilence(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	broker := server.open(t)
	last, err := broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.NoError(t, err)
	server.forget(t)
	for _, err := range broker.Subscribe(t.Context(), sse.Position{Epoch: last.Epoch}) {
		require.ErrorIs(t, err, sse.ErrGap)
	}
	last, err = broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.NoError(t, err)
	for message, err := range broker.Subscribe(t.Context(), sse.Position{Epoch: last.Epoch}) {
		if err != nil {
			require.ErrorIs(t, err, sse.ErrGap)
			return
		}
		require.Equal(t, last, message.Position)
		server.forget(t)
	}
}

// raise has the scripts ask for a server that does not exist yet.
type raise struct{ redis.Hook }

func (raise) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		if args := command.Args(); args[0] == "eval" {
			args[1] = strings.NewReplacer("< 7", "< 99", "Redis 7", "Redis 99").Replace(args[1].(string))
		}
		return next(ctx, command)
	}
}
func (raise) DialHook(next redis.DialHook) redis.DialHook { return next }
func (raise) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestOldServersAreRefused(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket()})
	client.AddHook(raise{})
	defer client.Close()
	broker, err := sseredis.New(client)
	require.NoError(t, err)
	defer broker.Close(context.Background())
	_, err = broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.ErrorContains(t, err, "publish to redis stream chitor:events: ERR the server is Redis ")
	require.ErrorContains(t, err, ", and Redis 99 or later is needed")
	_, err = broker.Last(t.Context())
	require.ErrorContains(t, err, "last position of redis stream chitor:events: ERR the server is Redis ")
	for _, err := range broker.Subscribe(t.Context(), sse.Position{Epoch: "1"}) {
		require.ErrorContains(t, err, "read redis stream chitor:events: ERR the server is Redis ")
	}
}

func TestOtherReplies(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	broker := server.open(t)
	last, err := broker.Last(t.Context())
	require.NoError(t, err)
	require.NoError(t, server.admin.XAdd(t.Context(), &redis.XAddArgs{
		Stream: "chitor:events", ID: fmt.Sprintf("%s-%d", last.Epoch, 1), Values: []string{"x", "y"},
	}).Err())
	for message, err := range broker.Subscribe(t.Context(), last) {
		require.NoError(t, err)
		assert.Empty(t, message.Topic, "an entry of somebody else has no topic")
		break
	}
	require.NoError(t, server.admin.Set(t.Context(), "text", "x", 0).Err())
	wrong := server.open(t, func(c *sseredis.Config) { c.Stream = "text" })
	_, err = wrong.Last(t.Context())
	require.NoError(t, err, "the log takes the place of what had its name")
}
