package mcphttp_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/redistest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// open opens a log of its own that keeps about as many messages, for one more node
// with each call of the function that it returns.
type open func(t *testing.T, keep int) (node func() sse.Broker)

func inMemory(_ *testing.T, keep int) func() sse.Broker {
	broker := sse.NewMemoryBroker(keep)
	return func() sse.Broker { return broker }
}

func inRedis(t *testing.T, keep int) func() sse.Broker {
	server := redistest.New(t)
	server.Start(t)
	return func() sse.Broker {
		broker, err := sseredis.Open(server.URL(), func(c *sseredis.Config) { c.MaxLen = int64(keep) })
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, broker.Close(context.WithoutCancel(t.Context()))) })
		return broker
	}
}

func inNATS(t *testing.T, keep int) func() sse.Broker {
	server, err := embedded.Start(func(c *embedded.Config) { c.Directory = t.TempDir() })
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close(context.WithoutCancel(t.Context()))) })
	return func() sse.Broker {
		broker, err := server.Broker(t.Context(), func(c *nats.Config) { c.MaxMessages = int64(keep) })
		require.NoError(t, err)
		return broker
	}
}

// eachLog runs a test on every kind of log.
func eachLog(t *testing.T, test func(t *testing.T, open open)) {
	t.Helper()
	for name, open := range map[string]open{"memory": inMemory, "Redis": inRedis, "NATS": inNATS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// startStore starts a node with a store.
func startStore(t *testing.T, broker sse.Broker, configure ...func(*mcphttp.StoreConfig)) *mcphttp.Store {
	t.Helper()
	var store *mcphttp.Store
	apptest.Start(t, func(a *app.Application) {
		configure = append(configure, func(c *mcphttp.StoreConfig) { c.Broker = broker })
		store = mcphttp.NewStore(a, configure...)
	})
	return store
}

// after returns what is behind an index.
func after(t *testing.T, store *mcphttp.Store, session, stream string, index int) ([]string, error) {
	t.Helper()
	found := []string{}
	for data, err := range store.After(t.Context(), session, stream, index) {
		if err != nil {
			return found, err
		}
		found = append(found, string(data))
	}
	return found, nil
}

func appendAll(t *testing.T, store *mcphttp.Store, session, stream string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		require.NoError(t, store.Append(t.Context(), session, stream, []byte(text)))
	}
}

func TestAfterYieldsWhatAnyNodeHasAppended(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, open open) {
		node := open(t, 1000)
		one, two := startStore(t, node()), startStore(t, node())
		require.NoError(t, one.Open(t.Context(), "s", "x"))
		appendAll(t, one, "s", "x", "", "a", "b")
		appendAll(t, one, "s", "y", "c")
		appendAll(t, two, "s2", "x", "d")
		late := startStore(t, node())
		for name, store := range map[string]*mcphttp.Store{"the same node": one, "another": two, "one that starts later": late} {
			for _, test := range []struct {
				session, stream string
				index           int
				want            []string
			}{
				{"s", "x", -1, []string{"", "a", "b"}},
				{"s", "x", 0, []string{"a", "b"}},
				{"s", "x", 1, []string{"b"}},
				{"s", "x", 2, []string{}},
				{"s", "x", 7, []string{}},
				{"s", "y", -1, []string{"c"}},
				{"s2", "x", -1, []string{"d"}},
			} {
				found, err := after(t, store, test.session, test.stream, test.index)
				require.NoError(t, err, name)
				assert.Equal(t, test.want, found, "%s: %v", name, test)
			}
			_, err := after(t, store, "s3", "x", -1)
			require.ErrorContains(t, err, "s3")
			_, err = after(t, store, "s2", "y", -1)
			require.ErrorContains(t, err, "y")
		}
	})
}

func TestAStreamGoesOnOnAnotherNode(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, open open) {
		node := open(t, 1000)
		one, two := startStore(t, node()), startStore(t, node())
		appendAll(t, one, "s", "x", "a", "b")
		_, err := after(t, two, "s", "x", -1) // it knows them now
		require.NoError(t, err)
		appendAll(t, two, "s", "x", "c")
		found, err := after(t, one, "s", "x", 0)
		require.NoError(t, err)
		assert.Equal(t, []string{"b", "c"}, found)
	})
}

func TestSessionsThatAreClosedAreForgotten(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, open open) {
		node := open(t, 1000)
		one, two := startStore(t, node()), startStore(t, node())
		appendAll(t, one, "s", "x", "a")
		appendAll(t, one, "s2", "x", "b")
		require.NoError(t, two.SessionClosed(t.Context(), "s"))
		appendAll(t, one, "s", "x", "c") // by a request that has not heard of it
		for _, store := range []*mcphttp.Store{one, two, startStore(t, node())} {
			_, err := after(t, store, "s2", "x", -1)
			require.NoError(t, err)
			_, err = after(t, store, "s", "x", -1)
			require.Error(t, err)
		}
	})
}

// The log has lost its oldest messages. Who starts then knows which ones it has.
func TestWhatTheLogHasLost(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, open open) {
		node := open(t, 100)
		one := startStore(t, node())
		for i := range 700 {
			appendAll(t, one, "s", "x", fmt.Sprint(i))
			_, err := after(t, one, "s", "x", i-1) // or it would be slower than the log is long
			require.NoError(t, err)
		}
		late := startStore(t, node())
		found, err := after(t, late, "s", "x", 650)
		require.NoError(t, err)
		assert.Len(t, found, 49)
		assert.Equal(t, "651", found[0])
		_, err = after(t, late, "s", "x", 50)
		require.ErrorIs(t, err, mcp.ErrEventsPurged)
		found, err = after(t, one, "s", "x", 50)
		require.NoError(t, err)
		assert.Len(t, found, 649, "who has seen them keeps them within its own limits")
	})
}

func TestManyAppendAndReadAtOnce(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, open open) {
		const streams, messages = 8, 25
		node := open(t, 1000)
		stores := []*mcphttp.Store{startStore(t, node()), startStore(t, node())}
		var wait sync.WaitGroup
		for i := range streams {
			stream, mine, other := fmt.Sprint("x", i), stores[i%2], stores[(i+1)%2]
			wait.Go(func() {
				for n := range messages {
					if !assert.NoError(t, mine.Append(t.Context(), "s", stream, []byte(fmt.Sprint(n)))) {
						return
					}
					for _, store := range []*mcphttp.Store{mine, other} {
						found, err := after(t, store, "s", stream, n-1)
						assert.NoError(t, err)
						assert.Equal(t, []string{fmt.Sprint(n)}, found)
					}
				}
			})
		}
		wait.Wait()
	})
}
