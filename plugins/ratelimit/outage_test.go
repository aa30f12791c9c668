package ratelimit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/ratelimit"
)

// moody is a store that answers, fails or is silent, as it is told.
type moody struct {
	mu    sync.Mutex
	fails error
	waits time.Duration
	asked int
	keys  []string
}

func (s *moody) Take(ctx context.Context, p ratelimit.Policy, key string, weight int) (ratelimit.Balance, error) {
	s.mu.Lock()
	s.asked++
	s.keys = append(s.keys, p.Name+" "+key)
	fails, waits := s.fails, s.waits
	s.mu.Unlock()
	select {
	case <-time.After(waits):
	case <-ctx.Done():
		return ratelimit.Balance{}, ctx.Err()
	}
	if fails != nil {
		return ratelimit.Balance{}, fails
	}
	return ratelimit.Balance{Taken: weight <= p.Limit, Tokens: float64(p.Limit - weight)}, nil
}

func (s *moody) become(fails error, waits time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails, s.waits = fails, waits
}

func (s *moody) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// outage serves a limit of two an hour that a moody store counts.
func outage(t *testing.T, configure ...func(*ratelimit.Config)) (host *apptest.Host, store *moody, log *bytes.Buffer) {
	t.Helper()
	store, log = &moody{}, &bytes.Buffer{}
	stored := func(c *ratelimit.Config) { c.Name, c.Store = "shared", store }
	host = apptest.Start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
		get("/", limited(2, time.Hour, append([]func(*ratelimit.Config){stored}, configure...)...))(a)
	})
	return host, store, log
}

var errDown = errors.New("the store is down")

// By default a node counts by itself while the store fails. It says so once, and
// once that it is over.
func TestStoreThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, store, log := outage(t)
		assertOK(t, host, "/", 5) // this store never refuses
		store.become(errDown, 0)
		assertOK(t, host, "/", 2)
		assertRefused(t, host, "/")
		assert.Equal(t, 6, store.calls(), "it is left alone for a second")
		time.Sleep(time.Second)
		assertRefused(t, host, "/")
		assert.Equal(t, 7, store.calls())
		store.become(nil, 0)
		time.Sleep(time.Second)
		assertOK(t, host, "/", 5)

		assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
		assert.Contains(t, log.String(), `msg="the store of a rate limit fails: this node counts by itself until it answers again" `+
			`limit=shared error="the store is down"`)
		assert.Contains(t, log.String(), `msg="the store of a rate limit answers again" limit=shared after=2s calls=4`)
	})
}

func TestWhenStoreFails(t *testing.T) {
	for name, test := range map[string]struct {
		failure  ratelimit.StoreFailure
		statuses []int
		text     string
	}{
		"limit locally": {ratelimit.LimitLocally, []int{200, 200, 429}, "counts by itself"},
		"let in":        {ratelimit.LetIn, []int{200, 200, 200}, "calls are let in"},
		"refuse":        {ratelimit.Refuse, []int{503, 503, 503}, "calls are refused"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host, store, log := outage(t, func(c *ratelimit.Config) { c.WhenStoreFails = test.failure })
				store.become(errDown, 0)
				for _, want := range test.statuses {
					response := host.Get("/")
					assert.Equal(t, want, response.StatusCode)
					if want == http.StatusServiceUnavailable {
						assert.Equal(t, "1", response.Header.Get("Retry-After"))
						assert.Equal(t, "Service Unavailable", apptest.Text(t, response))
					}
				}
				assert.Contains(t, log.String(), test.text)
				assert.NotContains(t, apptest.Text(t, host.Get("/")), "down")
			})
		})
	}
}

// A store that is silent costs a call StoreTimeout, and the next ones nothing.
func TestStoreThatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, store, _ := outage(t)
		store.become(nil, time.Hour)
		began := time.Now()
		assertOK(t, host, "/", 2)
		assert.Equal(t, 100*time.Millisecond, time.Since(began))
		time.Sleep(time.Second)
		began = time.Now()
		assertRefused(t, host, "/")
		assertRefused(t, host, "/")
		assert.Equal(t, 100*time.Millisecond, time.Since(began), "one of the two has tried it")

		time.Sleep(time.Second)
		var trying sync.WaitGroup
		trying.Go(func() { assertRefused(t, host, "/") })
		time.Sleep(time.Millisecond)
		began = time.Now()
		assertRefused(t, host, "/")
		assert.Zero(t, time.Since(began), "while one tries it, others do not")
		trying.Wait()
	})
}

func TestStoreTimeout(t *testing.T) {
	for timeout, takes := range map[time.Duration]time.Duration{0: 5 * time.Second, 10 * time.Second: 5 * time.Second, time.Second: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			host, store, _ := outage(t, func(c *ratelimit.Config) { c.StoreTimeout = timeout })
			store.become(nil, 5*time.Second)
			began := time.Now()
			assertOK(t, host, "/", 1)
			assert.Equal(t, takes, time.Since(began))
		})
	}
}

// A client that leaves while the store is asked is no failure of the store.
func TestClientThatLeavesWhileTheStoreIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, store, log := outage(t, func(c *ratelimit.Config) { c.StoreTimeout = time.Hour })
		store.become(nil, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, host.URL+"/", http.NoBody)
		require.NoError(t, err)
		_, err = host.Client().Do(request)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.NotContains(t, log.String(), "the store of a rate limit fails")
		store.become(nil, 0)
		assertOK(t, host, "/", 3)
	})
}

// A store knows keys by the name of the limit, and none of them is long.
func TestWhatAStoreIsAsked(t *testing.T) {
	host, store, _ := outage(t, byQuery)
	assertOK(t, host, "/?key=short", 1)
	long := strings.Repeat("k", 65)
	assertOK(t, host, "/?key="+long, 1)
	assert.Equal(t, []string{"shared short", fmt.Sprintf("shared sha256:%x", sha256.Sum256([]byte(long)))}, store.keys)
}
