package digest

import (
	"container/heap"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"
)

// nonces makes nonces, and says which of them may be used. A nonce is the time at
// which it was made, with a message authentication code, so that those that are
// not used cost nothing. Of those with which somebody has proven to know a
// password it remembers the counts that were used, until they are too old.
//
// When there is no room for another one, the oldest goes, and with it every nonce
// that is older: it is told to be stale, and the client takes a new one. So a
// count is accepted once, whatever the crowd.
type nonces struct {
	key      [32]byte
	lifetime time.Duration
	capacity int
	made     atomic.Int64 // the time of the last one

	mu    sync.Mutex
	used  map[int64]*counts // by the time of the nonce
	queue queue             // the same, the oldest first
	floor int64             // every nonce up to this time is stale
}

func newNonces(lifetime time.Duration, capacity int) *nonces {
	n := &nonces{lifetime: lifetime, capacity: capacity, used: map[int64]*counts{}}
	_, _ = rand.Read(n.key[:]) // it never fails (crypto/rand)
	return n
}

const (
	timeSize  = 8
	codeSize  = 16
	nonceSize = timeSize + codeSize // as text 32 bytes, without padding
)

// next returns a nonce that nobody has got before.
func (n *nonces) next() string {
	for {
		last := n.made.Load()
		now := max(time.Now().UnixNano(), last+1)
		if n.made.CompareAndSwap(last, now) {
			return n.write(now)
		}
	}
}

func (n *nonces) write(made int64) string {
	var nonce [nonceSize]byte
	binary.BigEndian.PutUint64(nonce[:], uint64(made))
	copy(nonce[timeSize:], n.code(nonce[:timeSize]))
	return base64.RawURLEncoding.EncodeToString(nonce[:])
}

func (n *nonces) code(made []byte) []byte {
	code := hmac.New(sha256.New, n.key[:])
	code.Write(made)
	return code.Sum(nil)[:codeSize]
}

// read returns when a nonce was made, and false if it is none of these.
func (n *nonces) read(text string) (made int64, ok bool) {
	if len(text) != base64.RawURLEncoding.EncodedLen(nonceSize) {
		return 0, false
	}
	nonce, err := base64.RawURLEncoding.DecodeString(text) // it skips line ends
	if err != nil || len(nonce) != nonceSize || !hmac.Equal(nonce[timeSize:], n.code(nonce[:timeSize])) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(nonce)), true
}

// use takes a count of a nonce. It returns false if the nonce is none of these,
// too old, or has had that count before, and else whether it is time for another
// nonce. Only who has proven to know a password may use one.
func (n *nonces) use(text string, count uint32) (usable, aging bool) {
	made, ok := n.read(text)
	if !ok {
		return false, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	n.forget(now)
	age := now.Sub(time.Unix(0, made))
	if age >= n.lifetime || made <= n.floor {
		return false, false
	}
	of := n.used[made]
	if of == nil {
		if of = n.remember(made); of == nil {
			return false, false
		}
	}
	return of.take(count), age >= n.lifetime/2
}

// forget drops those that are too old to be used, for good: a clock that is set
// back does not bring them to life again, without their counts.
func (n *nonces) forget(now time.Time) {
	for n.queue.Len() > 0 && now.Sub(time.Unix(0, n.queue.oldest())) >= n.lifetime {
		n.floor = n.drop()
	}
}

func (n *nonces) drop() (made int64) {
	oldest, _ := heap.Pop(&n.queue).(*counts)
	delete(n.used, oldest.made)
	return oldest.made
}

// remember makes room for a nonce, nil if it is older than all others.
func (n *nonces) remember(made int64) *counts {
	if n.queue.Len() >= n.capacity {
		if made < n.queue.oldest() {
			n.floor = made
			return nil
		}
		n.floor = n.drop()
	}
	of := &counts{made: made}
	n.used[made] = of
	heap.Push(&n.queue, of)
	return of
}

// counts are those of a nonce that were used: the highest, and which of the 63
// below. Requests that are sent at once may arrive in another order.
type counts struct {
	made    int64
	highest uint32
	seen    uint64 // bit i is highest - i
}

// take reports whether a count is new, and notes it.
func (c *counts) take(count uint32) bool {
	if count > c.highest {
		c.seen <<= min(count-c.highest, 64)
		c.highest = count
	}
	below := c.highest - count
	if below >= 64 || c.seen&(1<<below) != 0 {
		return false
	}
	c.seen |= 1 << below
	return true
}

// A queue has the oldest nonce first, as package heap keeps it.
type queue struct{ all []*counts }

func (q *queue) Len() int           { return len(q.all) }
func (q *queue) Less(i, j int) bool { return q.all[i].made < q.all[j].made }
func (q *queue) Swap(i, j int)      { q.all[i], q.all[j] = q.all[j], q.all[i] }

func (q *queue) Push(added any) {
	of, _ := added.(*counts)
	q.all = append(q.all, of)
}

func (q *queue) Pop() any {
	last := q.Len() - 1
	of := q.all[last]
	q.all[last] = nil // for the collector
	q.all = q.all[:last]
	return of
}

// oldest returns the time of the nonce that is the oldest.
func (q *queue) oldest() int64 { return q.all[0].made }
