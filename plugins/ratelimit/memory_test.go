package ratelimit_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/big"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/ratelimit"
)

// let is a call that was let in.
type let struct {
	at     time.Duration // since the beginning
	weight int
}

// assertBound asserts that no stretch of time has more than the limit and what
// comes back within it. A nanosecond is what rounding may cost.
func assertBound(t *testing.T, limit int, refill time.Duration, in []let) {
	t.Helper()
	for i := range in {
		sum := 0
		for _, later := range in[i:] {
			sum += later.weight
			stretch := later.at - in[i].at + time.Nanosecond
			// sum <= limit + limit * stretch / refill
			got := new(big.Int).Mul(big.NewInt(int64(sum-limit)), big.NewInt(int64(refill)))
			most := new(big.Int).Mul(big.NewInt(int64(limit)), big.NewInt(int64(stretch)))
			require.LessOrEqual(t, got.Cmp(most), 0, "%d tokens in %v: %d in %v are the limit", sum, stretch, limit, refill)
		}
	}
}

// FuzzSchedule: whatever clients do and when, no key gets more than its limit and
// what has come back, and none is refused that has as many tokens, to the
// nanosecond. Each two bytes are one call: how long nothing happens before, by
// whom, and how much it weighs.
func FuzzSchedule(f *testing.F) {
	f.Add(uint8(1), uint16(1000), []byte{0, 0, 0, 0, 255, 0})
	f.Add(uint8(3), uint16(10_000), []byte("calls of many kinds, one after the other"))
	f.Add(uint8(7), uint16(333), bytes.Repeat([]byte{7, 1}, 200))
	f.Fuzz(func(t *testing.T, limit uint8, milliseconds uint16, schedule []byte) {
		if limit == 0 || milliseconds == 0 || len(schedule) > 1000 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			replay(t, int(limit), time.Duration(milliseconds)*time.Millisecond, schedule)
		})
	})
}

// TestSchedules is FuzzSchedule with random input.
func TestSchedules(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		limit, refill := 1+random.IntN(20), time.Duration(1+random.IntN(60_000))*time.Millisecond
		schedule := make([]byte, 400)
		for i := range schedule {
			schedule[i] = byte(random.Uint32())
		}
		synctest.Test(t, func(t *testing.T) { replay(t, limit, refill, schedule) })
	}
}

func replay(t *testing.T, limit int, refill time.Duration, schedule []byte) {
	t.Helper()
	application := start(t, func(a *app.Application) { a.Install(limited(limit, refill, byQuery, byPrice)) })
	began, in := time.Now(), map[string][]let{}
	used := map[string]*big.Rat{} // of each key, in nanoseconds until it is full again
	seen := map[string]time.Duration{}
	for ; len(schedule) >= 2; schedule = schedule[2:] {
		wait, who := schedule[0], schedule[1]
		time.Sleep(time.Duration(wait) * time.Duration(wait) * 317 * time.Microsecond)
		key, weight := strconv.Itoa(int(who%4)), 1+int(who/4)%5
		at := time.Since(began)
		recorder := application.from("192.0.2.1:1", "/?key="+key+"&price="+strconv.Itoa(weight))

		// The model: exact, one number for each key.
		if used[key] == nil {
			used[key] = new(big.Rat)
		}
		left := new(big.Rat).Sub(used[key], big.NewRat(int64(at-seen[key]), 1))
		if left.Sign() < 0 {
			left.SetInt64(0)
		}
		seen[key] = at
		used[key] = left
		full := new(big.Rat).Add(left, big.NewRat(int64(weight)*int64(refill), int64(limit)))
		excess, _ := new(big.Rat).Sub(full, big.NewRat(int64(refill), 1)).Float64()
		allowed := recorder.Code != http.StatusTooManyRequests
		if excess < -1 || excess > 1 { // within a nanosecond either is right
			require.Equal(t, excess < 0, allowed, "at %v, key %s, weight %d", at, key, weight)
		}
		if allowed {
			used[key] = full
			in[key] = append(in[key], let{at, weight})
		}
	}
	for _, calls := range in {
		assertBound(t, limit, refill, calls)
	}
}

// Many calls at once take no token twice.
func TestCallsAtOnceTakeNoTokenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time stands still
		application := start(t, func(a *app.Application) { a.Install(limited(100, time.Hour)) })
		var in atomic.Int64
		var clients sync.WaitGroup
		for range 20 {
			clients.Go(func() {
				for range 50 {
					if application.from("192.0.2.1:1", "/").Code == http.StatusNotFound {
						in.Add(1)
					}
				}
			})
		}
		clients.Wait()
		assert.EqualValues(t, 100, in.Load())
	})
}

// crowd is an application whose limit has room for few keys.
func crowd(t *testing.T, log *bytes.Buffer, limit, room int) func(key string) bool {
	t.Helper()
	application := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
		a.Install(limited(limit, time.Hour, name("crowd"), byQuery, func(c *ratelimit.Config) { c.MaxKeys = room }))
	})
	return func(key string) bool {
		in := application.from("192.0.2.1:1", "/?key="+key).Code != http.StatusTooManyRequests
		require.LessOrEqual(t, ratelimit.Keys(application.Application, "crowd"), room)
		return in
	}
}

// A flood of new keys takes no memory beyond MaxKeys, does not let in who is
// refused, and does not shut out who is new.
func TestFloodOfKeys(t *testing.T) {
	const room = 50
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		call := crowd(t, &log, 3, room)
		for range 3 {
			require.True(t, call("limited"))
		}
		require.False(t, call("limited"))
		for i := range 100 * room {
			time.Sleep(time.Millisecond)
			require.True(t, call(fmt.Sprint("flood-", i)), "who is new is let in")
		}
		require.False(t, call("limited"), "who is refused stays refused")
		assert.Equal(t, 1, strings.Count(log.String(), "has no room for more keys"), log.String())
		time.Sleep(20 * time.Minute)
		assert.True(t, call("limited"), "when a token has come back")
		assert.False(t, call("limited"))
	})
}

// When all keys are refused that there is room for, new ones share a bucket, and
// none of the others is forgotten.
func TestFloodThatUsesUpAllKeys(t *testing.T) {
	const limit, room = 3, 50
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		call := crowd(t, &log, limit, room)
		for i := range room {
			for range limit {
				require.True(t, call(fmt.Sprint("flood-", i)))
			}
		}
		let := 0
		for i := range 100 {
			if call(fmt.Sprint("new-", i)) {
				let++
			}
		}
		assert.Equal(t, limit, let, "of all that are new together")
		for i := range room {
			require.False(t, call(fmt.Sprint("flood-", i)))
		}
		// All have a token again, so that the one that has used least may go.
		time.Sleep(20 * time.Minute)
		assert.True(t, call("late-1"))
		assert.True(t, call("late-2"))
	})
}

// Whatever the crowd, a key that is refused because it has used up its bucket is
// not let in before a token has come back.
func TestRefusedKeysAreNeverForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const room = 20
		random := rand.New(rand.NewPCG(1, 2))
		application := start(t, func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
			a.Install(limited(2, time.Hour, name("crowd"), byQuery, func(c *ratelimit.Config) { c.MaxKeys = room }))
		})
		until, shared := map[string]time.Time{}, 0
		for range 5000 {
			key := strconv.Itoa(random.IntN(3 * room))
			recorder := application.from("", "/?key="+key)
			switch has := ratelimit.Has(application.Application, "crowd", key); {
			case recorder.Code != http.StatusTooManyRequests:
				require.False(t, time.Now().Before(until[key]), "key %s is let in too early", key)
			case has: // tokens come back at whole seconds here, so Retry-After is exact
				seconds, err := strconv.Atoi(recorder.Header().Get("Retry-After"))
				require.NoError(t, err)
				until[key] = time.Now().Add(time.Duration(seconds) * time.Second)
			default:
				shared++
			}
			time.Sleep(time.Duration(random.IntN(20)) * time.Second)
		}
		assert.NotEmpty(t, until)
		assert.Positive(t, shared, "the crowd is too small to show anything")
	})
}

// Keys that are idle are dropped by the calls of others, and without a limit of
// keys as well.
func TestIdleKeysAreDropped(t *testing.T) {
	for _, room := range []int{0, 10_000} {
		synctest.Test(t, func(t *testing.T) {
			application := start(t, func(a *app.Application) {
				a.Install(limited(2, time.Minute, name("idle"), byQuery, func(c *ratelimit.Config) { c.MaxKeys = room }))
			})
			for i := range 5000 {
				application.from("", fmt.Sprint("/?key=", i))
			}
			assert.Equal(t, 5000, ratelimit.Keys(application.Application, "idle"))
			time.Sleep(time.Minute)
			for range 2500 {
				application.from("", "/?key=regular")
			}
			assert.Equal(t, 1, ratelimit.Keys(application.Application, "idle"))
		})
	}
}
