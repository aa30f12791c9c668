package ratelimitredis_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	ratelimitredis "github.com/chitor-go/chitor/plugins/ratelimit/redis"
)

// startNode starts an application that answers every call which its limit lets
// in, by the query parameters key and price.
func startNode(t *testing.T, configure ...func(*ratelimit.Config)) func(query string) *httptest.ResponseRecorder {
	t.Helper()
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
			c.Name, c.Limit, c.Refill = "api", 10, 10_000*time.Hour
			c.StoreTimeout = time.Minute // of a busy machine
			c.Headers = ratelimit.DraftHeaders
			c.Key = func(c *app.Call) (string, error) { return c.QueryParam("key"), nil }
			c.Weight = func(c *app.Call, _ string) int {
				price, _ := strconv.Atoi(c.QueryParam("price"))
				return max(1, price)
			}
			c.LimitFor = func(c *app.Call, _ string) int {
				limit, _ := strconv.Atoi(c.QueryParam("limit"))
				return max(10, limit)
			}
			for _, change := range configure {
				change(c)
			}
		}))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) }
		})
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	return func(query string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/?"+query, http.NoBody))
		return recorder
	}
}

func in(store ratelimit.Store) func(*ratelimit.Config) {
	return func(c *ratelimit.Config) { c.Store = store }
}

// All nodes of an application together let in what one would.
func TestNodesLetInWhatOneWould(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	var let atomic.Int64
	var all sync.WaitGroup
	for range 5 {
		call := startNode(t, in(server.node(t)))
		for range 4 {
			all.Go(func() {
				for range 10 {
					if call("key=a").Code == http.StatusNoContent {
						let.Add(1)
					}
				}
			})
		}
	}
	all.Wait()
	assert.EqualValues(t, 10, let.Load())
}

// Redis counts as memory does: the same calls get the same responses.
func TestRedisCountsAsMemoryDoes(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	redis, memory := startNode(t, in(server.node(t))), startNode(t)
	random := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		query := "key=" + strconv.Itoa(random.IntN(20)) + "&price=" + strconv.Itoa(1+random.IntN(4))
		if random.IntN(10) == 0 {
			query += "&limit=" + strconv.Itoa(10+random.IntN(5))
		}
		want, got := memory(query), redis(query)
		require.Equal(t, want.Code, got.Code, query)
		require.Equal(t, want.Header()["Ratelimit-Policy"], got.Header()["Ratelimit-Policy"], query)
		// In what t says a second may have passed.
		wanted, _, _ := strings.Cut(want.Header().Get("RateLimit"), ";t=")
		left, _, _ := strings.Cut(got.Header().Get("RateLimit"), ";t=")
		require.Equal(t, wanted, left, query)
	}
}

// A server that goes away takes no call with it: each node counts by itself until
// it is back, and then all count together again.
func TestServerThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	patient := func(store *ratelimitredis.Store) func(string) int {
		call := startNode(t, in(store))
		return func(query string) int { return call(query).Code }
	}
	one, other := patient(server.node(t)), patient(server.node(t))
	for range 5 {
		require.Equal(t, http.StatusNoContent, one("key=a"))
		require.Equal(t, http.StatusNoContent, other("key=a"))
	}
	require.Equal(t, http.StatusTooManyRequests, one("key=a"))

	server.Kill(t)
	for _, node := range []func(string) int{one, other} {
		for range 10 {
			require.Equal(t, http.StatusNoContent, node("key=b"))
		}
		require.Equal(t, http.StatusTooManyRequests, node("key=b"), "each counts by itself")
	}

	server.Start(t)
	// A node that counts by itself goes on refusing; one that asks the server, whose
	// memory is empty, lets in.
	for _, node := range []func(string) int{one, other} {
		require.Eventually(t, func() bool { return node("key=b") == http.StatusNoContent }, time.Minute, 10*time.Millisecond)
	}
	let := 2
	for range 20 {
		for _, node := range []func(string) int{one, other} {
			if node("key=b") == http.StatusNoContent {
				let++
			}
		}
	}
	assert.Equal(t, 10, let, "all count together again")
}
