package mcphttp_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
)

// The oldest messages go first, also those that are the only ones of a session or
// whose session has ended, and what has gone does not count.
func TestMessagesThatHaveGoneDoNotCount(t *testing.T) {
	const each = 1000
	text := strings.Repeat("x", each-128)
	fill := func(t *testing.T, store *mcphttp.Store, session string, count int) {
		t.Helper()
		for range count {
			appendAll(t, store, session, "x", text)
		}
	}
	kept := func(t *testing.T, store *mcphttp.Store, session string, from, count int) {
		t.Helper()
		found, err := after(t, store, session, "x", from-1)
		require.NoError(t, err, session)
		assert.Len(t, found, count, session)
		if from > 0 {
			_, err = after(t, store, session, "x", from-2)
			require.ErrorIs(t, err, mcp.ErrEventsPurged, session)
		}
	}
	for name, test := range map[string]func(t *testing.T, broker *sse.MemoryBroker, store *mcphttp.Store){
		"one of each session": func(t *testing.T, _ *sse.MemoryBroker, store *mcphttp.Store) {
			for i := range 12 {
				fill(t, store, fmt.Sprint(i), 1)
			}
			for i := range 12 {
				_, err := after(t, store, fmt.Sprint(i), "x", -1)
				assert.Equal(t, i >= 2, err == nil, i)
			}
		},
		"one session more than once": func(t *testing.T, _ *sse.MemoryBroker, store *mcphttp.Store) {
			fill(t, store, "1", 2)
			fill(t, store, "2", 3)
			fill(t, store, "1", 5)
			fill(t, store, "2", 4)
			kept(t, store, "1", 2, 5)
			kept(t, store, "2", 2, 5)
		},
		"a session has ended": func(t *testing.T, _ *sse.MemoryBroker, store *mcphttp.Store) {
			fill(t, store, "1", 8)
			require.NoError(t, store.SessionClosed(t.Context(), "1"))
			fill(t, store, "2", 9)
			kept(t, store, "2", 0, 9)
			fill(t, store, "2", 9)
			kept(t, store, "2", 8, 10)
		},
		"they were too old": func(t *testing.T, _ *sse.MemoryBroker, store *mcphttp.Store) {
			fill(t, store, "1", 8)
			time.Sleep(50 * time.Minute)
			fill(t, store, "1", 1)
			time.Sleep(30 * time.Minute)
			fill(t, store, "1", 9)
			kept(t, store, "1", 8, 10)
		},
		"the log has begun anew": func(t *testing.T, broker *sse.MemoryBroker, store *mcphttp.Store) {
			fill(t, store, "1", 8)
			synctest.Wait()
			broker.Reset()
			time.Sleep(2 * time.Second)
			fill(t, store, "2", 3)
			fill(t, store, "3", 7)
			kept(t, store, "2", 0, 3)
			fill(t, store, "3", 1)
			kept(t, store, "2", 1, 2)
			kept(t, store, "3", 0, 8)
		},
		// Positions come again in a new log, and mean other messages.
		"a session goes on in a new log": func(t *testing.T, broker *sse.MemoryBroker, store *mcphttp.Store) {
			fill(t, store, "1", 8)
			synctest.Wait()
			broker.Reset()
			time.Sleep(2 * time.Second)
			fill(t, store, "2", 5)
			fill(t, store, "1", 5)
			kept(t, store, "2", 0, 5)
			fill(t, store, "2", 1)
			kept(t, store, "1", 8, 5)
			kept(t, store, "2", 1, 5)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := sse.NewMemoryBroker(0)
				test(t, broker, startStore(t, broker, func(c *mcphttp.StoreConfig) { c.MaxBytes = 10 * each }))
			})
		})
	}
}

// What a node remembers of messages that have gone is bounded too.
func TestTheQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := startStore(t, sse.NewMemoryBroker(0), func(c *mcphttp.StoreConfig) { c.MaxSessionBytes = 1000 })
		appendAll(t, store, "old", "x", "a") // it stays the oldest of all
		for range 2000 {
			appendAll(t, store, "s", "x", "a")
		}
		synctest.Wait()
		assert.Less(t, mcphttp.Queued(store), 100)
		found, err := after(t, store, "old", "x", -1)
		require.NoError(t, err)
		assert.Equal(t, []string{"a"}, found)
		time.Sleep(2 * time.Hour)
		assert.Zero(t, mcphttp.Queued(store))
	})
}

// The messages of a stream have gone. It goes on where it was, and nobody learns of
// those that are missing as if there were none.
func TestAStreamWhoseMessagesHaveGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := &unsteady{MemoryBroker: sse.NewMemoryBroker(0)}
		limit := func(c *mcphttp.StoreConfig) { c.MaxSessionBytes = 3 * 129 }
		one, two := startStore(t, broker, limit), startStore(t, broker, limit)
		appendAll(t, one, "s", "x", "a")
		appendAll(t, one, "s", "y", "b", "c", "d")
		_, err := after(t, two, "s", "x", 0)
		require.ErrorIs(t, err, mcp.ErrEventsPurged)
		appendAll(t, one, "s", "x", "e")
		found, err := after(t, two, "s", "x", 0)
		require.NoError(t, err)
		assert.Equal(t, []string{"e"}, found)
		broker.fails.Store(true)
		require.Error(t, one.Append(t.Context(), "s", "y", []byte("f")))
		broker.fails.Store(false)
		appendAll(t, one, "s", "y", "g") // c and d are of no use any more, but they count
		appendAll(t, one, "s", "x", "h")
		found, err = after(t, two, "s", "y", 3)
		require.NoError(t, err)
		assert.Equal(t, []string{"g"}, found)
	})
}

func TestStreamsThatHaveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(2)
		store := startStore(t, broker)
		synctest.Wait()
		require.NoError(t, store.Open(t.Context(), "s", "x"))
		for _, stream := range []string{"x", ""} {
			found, err := after(t, store, "s", stream, -1)
			require.NoError(t, err)
			assert.Empty(t, found)
			_, err = after(t, store, "s", stream, -2)
			require.ErrorIs(t, err, mcp.ErrEventsPurged)
		}
		for _, text := range []string{"a", "b", "c"} {
			appendAll(t, store, "s", "x", text)
			synctest.Wait()
		}
		_, err := after(t, startStore(t, broker), "s", "", -1)
		require.ErrorIs(t, err, mcp.ErrEventsPurged, "there may have been some")
		for data := range store.After(t.Context(), "s", "x", -1) {
			assert.Equal(t, "a", string(data))
			break
		}
	})
}
