package ratelimit

import (
	"container/heap"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// memory holds the buckets of one limit, of those keys whose bucket is not full.
// A full bucket is no different from one that is not there.
//
// Time passes when it is asked: no goroutine and no timer belongs to it. Each
// take drops two buckets that are full again, so that a flood is forgotten by
// half as many calls as it had keys.
type memory struct {
	capacity int    // how many buckets there may be, 0 for any number
	crowded  func() // called, at most once a minute, when there is no room for a key

	mu      sync.Mutex
	buckets map[string]*bucket
	queue   queue   // the same, by when they are full again
	rest    *bucket // of all keys that there is no room for
	peak    int     // how many buckets the map has had, and keeps room for
	said    time.Time
}

func newMemory(capacity int, crowded func()) *memory {
	return &memory{capacity: capacity, crowded: crowded, buckets: map[string]*bucket{}}
}

// take takes weight tokens out of the bucket of key, if it has as many.
func (m *memory) take(policy Policy, key string, weight int) Balance {
	balance, crowded := m.tryTake(policy, key, weight)
	if crowded {
		m.crowded()
	}
	return balance
}

func (m *memory) tryTake(policy Policy, key string, weight int) (balance Balance, crowded bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now() // with the lock, so that it never runs backwards
	m.forget(now)
	b := m.buckets[key]
	if b == nil {
		b, crowded = m.add(policy, key, now)
	}
	balance = b.take(policy, weight, now)
	if b != m.rest {
		heap.Fix(&m.queue, b.place)
	}
	return balance, crowded
}

// forget drops up to two buckets that are full again.
func (m *memory) forget(now time.Time) {
	for range 2 {
		if m.queue.Len() == 0 || m.queue.first().full.After(now) {
			break
		}
		m.drop()
	}
	if m.queue.Len() == 0 && m.peak > 1000 { // a map never shrinks
		m.buckets, m.queue, m.peak = map[string]*bucket{}, queue{}, 0
	}
}

// drop drops the bucket that is nearest to being full.
func (m *memory) drop() { delete(m.buckets, heap.Pop(&m.queue).(*bucket).key) }

// add returns a new bucket for key. If there is no room it makes some, and if
// that must not be, it returns the bucket of the rest. It also says whether that
// is worth telling.
func (m *memory) add(policy Policy, key string, now time.Time) (added *bucket, crowded bool) {
	if m.capacity > 0 && m.queue.Len() >= m.capacity {
		crowded = now.Sub(m.said) >= time.Minute
		if crowded {
			m.said = now
		}
		if m.queue.first().isEmpty(now) {
			if m.rest == nil {
				m.rest = newBucket(policy, "")
			}
			return m.rest, crowded
		}
		m.drop()
	}
	added = newBucket(policy, key)
	m.buckets[key] = added
	heap.Push(&m.queue, added)
	m.peak = max(m.peak, m.queue.Len())
	return added, crowded
}

// A bucket holds the tokens of one key.
type bucket struct {
	key     string
	tokens  *rate.Limiter
	full    time.Time // when it is full again
	place   int       // in the queue
	limited int       // the limit that tokens has
}

func newBucket(policy Policy, key string) *bucket {
	return &bucket{
		key: key, limited: policy.Limit,
		tokens: rate.NewLimiter(rate.Limit(policy.tokensPerSecond()), policy.Limit),
	}
}

func (b *bucket) take(policy Policy, weight int, now time.Time) Balance {
	if b.limited != policy.Limit {
		b.tokens.SetLimitAt(now, rate.Limit(policy.tokensPerSecond()))
		b.tokens.SetBurstAt(now, policy.Limit)
		b.limited = policy.Limit
	}
	taken := b.tokens.AllowN(now, weight)
	left := b.tokens.TokensAt(now)
	b.full = now.Add(policy.time(float64(policy.Limit) - left))
	return Balance{taken, left}
}

// isEmpty reports whether the next call of the key would be refused.
func (b *bucket) isEmpty(now time.Time) bool { return b.tokens.TokensAt(now) < 1-tolerance }

// A queue orders buckets by when they are full again, as package heap has it.
type queue struct{ buckets []*bucket }

func (q *queue) Len() int           { return len(q.buckets) }
func (q *queue) Less(i, j int) bool { return q.buckets[i].full.Before(q.buckets[j].full) }

func (q *queue) Swap(i, j int) {
	q.buckets[i], q.buckets[j] = q.buckets[j], q.buckets[i]
	q.buckets[i].place, q.buckets[j].place = i, j
}

func (q *queue) Push(added any) {
	b, _ := added.(*bucket)
	b.place = q.Len()
	q.buckets = append(q.buckets, b)
}

func (q *queue) Pop() any {
	last := q.Len() - 1
	b := q.buckets[last]
	q.buckets[last] = nil // for the collector
	q.buckets = q.buckets[:last]
	return b
}

// first returns the bucket that is nearest to being full.
func (q *queue) first() *bucket { return q.buckets[0] }
