package sessions

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// MemoryConfig configures [NewMemory].
type MemoryConfig struct {
	// MaxSessions is how many sessions are in memory at most: 100,000 by default.
	// 0 sets no limit.
	MaxSessions int
	// MaxBytes is how much memory the sessions take at most, about: the data, and
	// 512 bytes for each. 64 MiB by default. 0 sets no limit.
	MaxBytes int64
}

// bytesEach is what a session takes besides its data.
const bytesEach = 512

// Memory is a [Storage] in the memory of one process, which forgets all when it
// ends: for tests, and for services of one node that nobody needs to stay logged
// in to.
//
// Anybody can have sessions made, so memory is bounded. When there is no room,
// expired sessions go first; then of those that no later call has asked for the
// oldest; and only when there are few of these, fewer than a fifth, the one that
// was not asked for longest. A flood of new sessions thereby displaces itself
// before it displaces who comes back.
//
// No goroutine belongs to it; each Save drops up to two expired sessions.
//
// Ktor: SessionStorageMemory, which is not bounded and forgets nothing.
type Memory struct {
	config  MemoryConfig
	mistake error

	mu       sync.Mutex
	sessions map[string]*kept
	owners   map[string]*kept // one of each owner's
	expiring expiryQueue
	fresh    kept // the ring of those that were not asked for since they were made
	known    kept // the ring of the others
	nFresh   int
	bytes    int64
}

// kept is a session in memory, or the head of a ring.
type kept struct {
	key    string
	record Record
	place  int // in the queue

	known      bool // in which ring it is
	prev, next *kept

	ownerPrev, ownerNext *kept // the others of one owner: a list
}

var _ OwnerStorage = (*Memory)(nil)

// NewMemory returns an empty [Memory]. What is wrong with its configuration is
// reported by Start at the line that installs [Plugin] with it.
func NewMemory(configure ...func(*MemoryConfig)) *Memory {
	m := &Memory{
		config:   MemoryConfig{MaxSessions: 100_000, MaxBytes: 64 << 20},
		sessions: map[string]*kept{}, owners: map[string]*kept{},
	}
	m.fresh.empty()
	m.known.empty()
	var wrong mistakes.List
	wrong.Add(mistakes.Configure(&m.config, configure))
	if m.config.MaxSessions < 0 {
		wrong.Add(fmt.Errorf("MaxSessions is %d: it must not be negative, and 0 is no limit", m.config.MaxSessions))
	}
	if m.config.MaxBytes < 0 {
		wrong.Add(fmt.Errorf("MaxBytes is %d: it must not be negative, and 0 is no limit", m.config.MaxBytes))
	}
	m.mistake = wrong.Err()
	return m
}

// check returns what is wrong with the configuration, nil if nothing is.
func (m *Memory) check() error {
	if m == nil {
		return errors.New("it is a nil *Memory: make one with NewMemory")
	}
	return m.mistake
}

// Len returns how many sessions are in memory, those included that have expired
// and were not dropped yet.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sessions)
}

// Load returns a session: see [Storage].
func (m *Memory) Load(_ context.Context, key string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.live(key)
	if found == nil {
		return Record{}, ErrNoSession
	}
	m.use(found)
	return found.record, nil
}

// Save keeps a new session: see [Storage]. It fails if the session alone takes
// more than MaxBytes.
func (m *Memory) Save(_ context.Context, key string, record Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range 2 {
		m.dropExpired()
	}
	if old := m.sessions[key]; old != nil {
		m.drop(old)
	}
	size := record.size()
	if m.config.MaxBytes > 0 && size > m.config.MaxBytes {
		return fmt.Errorf("save session: it takes %d bytes, and MaxBytes of the storage is %d", size, m.config.MaxBytes)
	}
	added := &kept{key: key, record: record}
	m.add(added)
	m.makeRoom(added)
	return nil
}

// Update changes a session: see [Storage].
func (m *Memory) Update(_ context.Context, key string, record Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.live(key)
	if old == nil {
		return ErrNoSession
	}
	size := record.size()
	if m.config.MaxBytes > 0 && size > m.config.MaxBytes {
		return fmt.Errorf("update session: it takes %d bytes, and MaxBytes of the storage is %d", size, m.config.MaxBytes)
	}
	m.disown(old)
	m.bytes += size - old.record.size()
	old.record = record
	m.own(old)
	heap.Fix(&m.expiring, old.place)
	m.use(old)
	m.makeRoom(old)
	return nil
}

// Touch changes when a session expires: see [Storage].
func (m *Memory) Touch(_ context.Context, key string, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.live(key)
	if found == nil {
		return ErrNoSession
	}
	found.record.Expires = expires
	heap.Fix(&m.expiring, found.place)
	return nil
}

// Delete forgets a session: see [Storage].
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if found := m.sessions[key]; found != nil {
		m.drop(found)
	}
	return nil
}

// DeleteOwner forgets all sessions of an owner: see [OwnerStorage].
func (m *Memory) DeleteOwner(_ context.Context, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		found := m.owners[owner]
		if found == nil {
			return nil
		}
		m.drop(found)
	}
}

func (r *Record) size() int64 { return int64(len(r.Data)) + bytesEach }

// live returns a session that has not expired, or nil.
func (m *Memory) live(key string) *kept {
	found := m.sessions[key]
	if found != nil && !time.Now().Before(found.record.Expires) {
		m.drop(found)
		return nil
	}
	return found
}

// dropExpired drops the session that expires next, if it has.
func (m *Memory) dropExpired() {
	if m.expiring.Len() > 0 && !time.Now().Before(m.expiring.first().record.Expires) {
		m.drop(m.expiring.first())
	}
}

// makeRoom drops sessions, but for one, until the limits hold.
func (m *Memory) makeRoom(except *kept) {
	for len(m.sessions) > 1 && m.overfull() {
		m.drop(m.victim(except))
	}
}

func (m *Memory) overfull() bool {
	return m.config.MaxSessions > 0 && len(m.sessions) > m.config.MaxSessions ||
		m.config.MaxBytes > 0 && m.bytes > m.config.MaxBytes
}

// victim returns the session that goes first when there is no room, which is not
// except.
func (m *Memory) victim(except *kept) *kept {
	if first := m.expiring.first(); first != except && !time.Now().Before(first.record.Expires) {
		return first
	}
	rings := [2]*kept{&m.fresh, &m.known}
	if m.nFresh*5 < len(m.sessions) {
		rings[0], rings[1] = rings[1], rings[0]
	}
	for _, ring := range rings {
		for oldest := ring.prev; oldest != ring; oldest = oldest.prev {
			if oldest != except {
				return oldest
			}
		}
	}
	return except
}
