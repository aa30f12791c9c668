package digest_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/authentication/digest"
)

// A count of a nonce is accepted once, in any order as long as it is one of the
// last 64.
func TestCounts(t *testing.T) {
	store := digest.NewStore(time.Minute, 10)
	nonce := store.Next()
	for _, step := range []struct {
		count uint32
		want  bool
	}{
		{3, true}, {1, true}, {2, true}, {2, false}, {1, false}, {3, false}, {0, true}, {0, false}, {66, true}, {3, false}, {4, true},
		{4, false}, {2, false}, {65, true}, {1000, true}, {66, false}, {937, true}, {936, false}, {0xffffffff, true}, {0xffffffff, false},
		{0xffffffff - 63, true}, {0xffffffff - 64, false}, {1000, false}, {0, false},
	} {
		usable, _ := store.Use(nonce, step.count)
		assert.Equal(t, step.want, usable, "count %d", step.count)
	}
}

// Whatever the order and the number of goroutines, no count is accepted twice.
func TestCountsAtOnce(t *testing.T) {
	store := digest.NewStore(time.Minute, 10)
	nonce := store.Next()
	var accepted [100]atomic.Int32
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for _, count := range rand.Perm(100) {
				if usable, _ := store.Use(nonce, uint32(count)); usable {
					accepted[count].Add(1)
				}
			}
		})
	}
	clients.Wait()
	for count := range accepted {
		assert.LessOrEqual(t, accepted[count].Load(), int32(1), "count %d", count)
	}
}

// A nonce ends with its time, and is forgotten then. When it is half as old, it
// is time for the next one.
func TestAgeOfNonces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := digest.NewStore(time.Minute, 10)
		nonce := store.Next()
		use := func(count uint32) [2]bool { usable, aging := store.Use(nonce, count); return [2]bool{usable, aging} }
		assert.Equal(t, [2]bool{true, false}, use(1))
		time.Sleep(30*time.Second - time.Nanosecond)
		assert.Equal(t, [2]bool{true, false}, use(2))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, [2]bool{true, true}, use(3))
		time.Sleep(30*time.Second - time.Nanosecond)
		assert.Equal(t, [2]bool{true, true}, use(4))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, [2]bool{false, false}, use(5))
		assert.Zero(t, store.Len())
	})
}

// Memory is bounded, and nothing is accepted twice for it: what is forgotten is
// stale, and so is all that is older.
func TestCrowdOfNonces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const room = 20
		store := digest.NewStore(time.Hour, room)
		random := rand.New(rand.NewPCG(1, 2))
		var all []string
		used := map[string]bool{}
		for range 3000 {
			if len(all) == 0 || random.IntN(3) == 0 {
				all = append(all, store.Next())
			}
			nonce := all[max(0, len(all)-1-random.IntN(2*room))]
			usable, _ := store.Use(nonce, 1)
			require.False(t, usable && used[nonce], "a count is accepted twice")
			used[nonce] = used[nonce] || usable
			require.LessOrEqual(t, store.Len(), room)
			if random.IntN(10) == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		assert.Equal(t, room, store.Len())
		newest := store.Next()
		usable, _ := store.Use(newest, 1)
		assert.True(t, usable, "who is new is let in")
		usable, _ = store.Use(all[0], 2)
		assert.False(t, usable)
		time.Sleep(time.Hour + time.Second)
		usable, _ = store.Use(newest, 2)
		assert.False(t, usable)
		assert.Zero(t, store.Len())
	})
}

// A clock that is set ahead, and back, brings no nonce to life without its counts.
func TestClockSetBack(t *testing.T) {
	store := digest.NewStore(time.Minute, 10)
	nonce, later := store.Next(), store.Next()
	usable, _ := store.Use(nonce, 1)
	require.True(t, usable)
	store.Forget(time.Now().Add(time.Hour))
	for _, count := range []uint32{1, 2} {
		usable, _ = store.Use(nonce, count)
		assert.False(t, usable)
	}
	usable, _ = store.Use(later, 1)
	assert.True(t, usable, "what was never used is as good as new")
}

// A nonce that was not made here is none, whatever it looks like.
func TestForeignNonces(t *testing.T) {
	store, other := digest.NewStore(time.Minute, 10), digest.NewStore(time.Minute, 10)
	nonce := store.Next()
	assert.Len(t, nonce, 32)
	assert.NotEqual(t, nonce, store.Next())
	for i := range nonce {
		changed := byte('A')
		if nonce[i] == changed {
			changed = 'B'
		}
		usable, _ := store.Use(nonce[:i]+string(changed)+nonce[i+1:], 1)
		assert.False(t, usable, "changed at %d", i)
	}
	for _, foreign := range []string{"", "testnonce", other.Next(), nonce + "A", nonce[:31], "\n" + nonce[1:], strings.Repeat("A", 32), strings.Repeat("\n", 32), strings.Repeat("A", 9000)} {
		usable, _ := store.Use(foreign, 1)
		assert.False(t, usable)
	}
	assert.Zero(t, store.Len())
}
