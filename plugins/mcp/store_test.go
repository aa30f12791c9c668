package mcphttp_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// An unsteady broker fails to publish when it is told to.
type unsteady struct {
	*sse.MemoryBroker

	fails atomic.Bool
}

func (u *unsteady) Publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	if u.fails.Load() {
		return sse.Position{}, errors.New("the broker is away")
	}
	return u.MemoryBroker.Publish(ctx, topic, data)
}

// A message that could not be stored leaves its place empty: nobody takes the one
// after it for it.
func TestAMessageThatWasNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := &unsteady{MemoryBroker: sse.NewMemoryBroker(0)}
		store := startStore(t, broker)
		appendAll(t, store, "s", "x", "a", "b")
		broker.fails.Store(true)
		require.ErrorContains(t, store.Append(t.Context(), "s", "x", []byte("c")), "the broker is away")
		broker.fails.Store(false)
		appendAll(t, store, "s", "x", "d")
		for _, index := range []int{-1, 0, 1} {
			_, err := after(t, store, "s", "x", index)
			require.ErrorIs(t, err, mcp.ErrEventsPurged, index)
		}
		found, err := after(t, store, "s", "x", 2)
		require.NoError(t, err)
		assert.Equal(t, []string{"d"}, found)
	})
}

func TestLimitsOfWhatIsKept(t *testing.T) {
	const each = 1000 // with what a message counts more than it has
	text := strings.Repeat("x", each-128)
	for name, test := range map[string]struct {
		configure func(*mcphttp.StoreConfig)
		kept      map[string]int // of the ten messages of each of two sessions, one after the other
	}{
		"by session": {func(c *mcphttp.StoreConfig) { c.MaxSessionBytes = 4 * each }, map[string]int{"1": 4, "2": 4}},
		"in all":     {func(c *mcphttp.StoreConfig) { c.MaxBytes = 12 * each }, map[string]int{"1": 2, "2": 10}},
		"both": {func(c *mcphttp.StoreConfig) {
			c.MaxSessionBytes, c.MaxBytes = 8*each, 10*each
		}, map[string]int{"1": 2, "2": 8}},
		"the newest always": {func(c *mcphttp.StoreConfig) { c.MaxSessionBytes = 1 }, map[string]int{"1": 1, "2": 1}},
		"the newest of all": {func(c *mcphttp.StoreConfig) { c.MaxBytes = 1 }, map[string]int{"2": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := startStore(t, sse.NewMemoryBroker(0), test.configure)
				for _, session := range []string{"1", "2"} {
					for range 10 {
						appendAll(t, store, session, "x", text)
					}
				}
				for session, kept := range test.kept {
					found, err := after(t, store, session, "x", 9-kept)
					require.NoError(t, err, session)
					assert.Len(t, found, kept, session)
					if kept < 10 {
						_, err = after(t, store, session, "x", 8-kept)
						require.ErrorIs(t, err, mcp.ErrEventsPurged, session)
					}
				}
			})
		})
	}
}

func TestMessagesGetOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := startStore(t, sse.NewMemoryBroker(0), func(c *mcphttp.StoreConfig) { c.MaxAge = 8 * time.Minute })
		appendAll(t, store, "s", "x", "a")
		time.Sleep(5 * time.Minute)
		appendAll(t, store, "s", "x", "b")
		time.Sleep(5 * time.Minute)
		_, err := after(t, store, "s", "x", -1)
		require.ErrorIs(t, err, mcp.ErrEventsPurged)
		found, err := after(t, store, "s", "x", 0)
		require.NoError(t, err)
		assert.Equal(t, []string{"b"}, found)
		time.Sleep(time.Hour)
		_, err = after(t, store, "s", "x", 0)
		require.Error(t, err)
	})
}

func TestTheSessionThatWasNotUsedForLongestIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := startStore(t, sse.NewMemoryBroker(0), func(c *mcphttp.StoreConfig) { c.MaxSessions = 3 })
		for _, session := range []string{"1", "2", "3", "1", "4"} {
			appendAll(t, store, session, "x", "a")
			_, err := after(t, store, session, "x", -1)
			require.NoError(t, err)
			time.Sleep(time.Second)
		}
		for session, known := range map[string]bool{"1": true, "2": false, "3": true, "4": true} {
			_, err := after(t, store, session, "x", -1)
			assert.Equal(t, known, err == nil, session)
		}
	})
}

// The log begins anew, as one does that was emptied. What was in it is lost, and
// streams go on where they were.
func TestALogThatBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		one, two := startStore(t, broker), startStore(t, broker)
		appendAll(t, one, "s", "x", "a", "b")
		synctest.Wait()
		broker.Reset()
		time.Sleep(2 * time.Second)
		appendAll(t, one, "s", "x", "c")
		for _, store := range []*mcphttp.Store{one, two} {
			found, err := after(t, store, "s", "x", 1)
			require.NoError(t, err)
			assert.Equal(t, []string{"c"}, found)
			_, err = after(t, store, "s", "x", 0)
			require.ErrorIs(t, err, mcp.ErrEventsPurged)
		}
	})
}

func TestIDsThatAreTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := startStore(t, sse.NewMemoryBroker(0))
		for _, ids := range [][2]string{{"", "x"}, {strings.Repeat("s", 129), "x"}, {"s", strings.Repeat("x", 65)}} {
			require.Error(t, store.Open(t.Context(), ids[0], ids[1]))
			require.Error(t, store.Append(t.Context(), ids[0], ids[1], []byte("a")))
		}
		require.Error(t, store.SessionClosed(t.Context(), ""))
	})
}

// The store serves the SDK's own handler too: a client resumes at the same node.
func TestTheHandlerOfTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{}
		host := apptest.Start(t, func(a *app.Application) {
			store := mcphttp.NewStore(a)
			server := k.server(nil)
			handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
				&mcp.StreamableHTTPOptions{EventStore: store})
			a.OnStop(func(context.Context) error {
				for session := range server.Sessions() {
					_ = session.Close()
				}
				return nil
			})
			routing.Routes(a, func(r *routing.Route) {
				r.Use(auth.RequireBearerToken(verify, nil))
				r.Mount("/mcp", handler)
			})
		})
		board := newSwitchboard("ada", host)
		client := connect(t, board)
		go func() {
			time.Sleep(2500 * time.Millisecond)
			board.turnTo(0)
		}()
		text, err := client.count(t.Context(), 10)
		require.NoError(t, err)
		assert.Equal(t, "counted to 10", text)
		synctest.Wait()
		assert.Equal(t, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, client.told())
		require.NoError(t, client.Close())
	})
}

func TestMistakesOfTheConfiguration(t *testing.T) {
	server := kit{}.server
	for name, test := range map[string]struct {
		module  app.Module
		message string
	}{
		"an empty topic": {func(a *app.Application) {
			mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) { c.Topic = "" })
		}, "the topic is empty"},
		"no limit": {func(a *app.Application) {
			mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) { c.MaxBytes, c.MaxAge = 0, -1 })
		}, "MaxBytes is 0"},
		"a nil function": {func(a *app.Application) { mcphttp.NewStore(a, nil) }, "the configuration function is nil"},
		"no store":       {func(a *app.Application) { mcphttp.NewHandler(a, nil, server) }, "the store is nil"},
		"no server":      {func(a *app.Application) { mcphttp.NewHandler(a, mcphttp.NewStore(a), nil) }, "makes the server is nil"},
		"a nil server": {func(a *app.Application) {
			mcphttp.NewHandler(a, mcphttp.NewStore(a), func(*mcp.ServerOptions) *mcp.Server { return nil })
		}, "has returned nil"},
		"two handlers": {func(a *app.Application) {
			store := mcphttp.NewStore(a)
			mcphttp.NewHandler(a, store, server)
			mcphttp.NewHandler(a, store, server)
		}, "has a handler already"},
		"no user": {func(a *app.Application) {
			mcphttp.NewHandler(a, mcphttp.NewStore(a), server, func(c *mcphttp.HandlerConfig) { c.User, c.MaxBody = nil, 0 })
		}, "the function User is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apptest.StartError(t, test.module)
			require.ErrorContains(t, err, test.message)
			assert.ErrorContains(t, err, "store_test.go")
		})
	}
}
