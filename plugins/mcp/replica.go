package mcphttp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A replica is what a node has of the log in its memory. Only the goroutine that
// follows the log puts something in.
type replica struct {
	config *StoreConfig

	mu       sync.Mutex // guards what follows
	at       sse.Position
	since    uint64 // the offset behind which it has seen everything
	sessions map[string]*session
	users    map[string]int       // how many sessions each has
	ended    map[string]time.Time // the sessions that were closed, and when
	queue    []queued             // the messages of all sessions, the oldest first
	bytes    int
	evicted  []string      // the sessions that had to go for others, until somebody asks
	grown    chan struct{} // closed when the position changes
}

// tidied is how long the queue may at least be before it is worth being tidied.
const tidied = 32

// queued is a message of a session, which may have gone since.
type queued struct {
	session *session
	offset  uint64
}

func newReplica(config *StoreConfig) *replica {
	return &replica{
		config: config, grown: make(chan struct{}),
		sessions: map[string]*session{}, users: map[string]int{}, ended: map[string]time.Time{},
	}
}

// restart forgets all messages: the log begins at a position. What it says of
// sessions is kept, because those that this node serves go on, and so is where
// the streams are that this node appends to.
func (r *replica) restart(at sse.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sessions {
		s.restart(at.Offset)
		if s.card == nil && len(s.streams) == 0 {
			delete(r.sessions, s.id)
		}
		s.changed()
	}
	r.queue, r.bytes, r.since = nil, 0, at.Offset
	r.move(at)
}

func (r *replica) move(at sse.Position) {
	r.at = at
	close(r.grown)
	r.grown = make(chan struct{})
}

// reach waits until everything up to a position has come.
func (r *replica) reach(ctx context.Context, wanted sse.Position) error {
	for {
		r.mu.Lock()
		at, grown := r.at, r.grown
		r.mu.Unlock()
		if at.Epoch == wanted.Epoch && at.Offset >= wanted.Offset {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return fmt.Errorf("wait for the log to come: %w", context.Cause(ctx))
		}
	}
}

// passed says that the log has gone on, with a message for somebody else.
func (r *replica) passed(at sse.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.move(at)
}

// apply takes a record from the log.
func (r *replica) apply(in record, at sse.Position, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.move(at)
	if _, ended := r.ended[in.session]; ended {
		return // what another node has said before it has heard of the end
	}
	switch in.kind {
	case kindSession:
		r.take(r.session(in.session, now), in.data, at, now)
	case kindMessage, kindAnswer:
		s := r.session(in.session, now)
		r.add(s, in, at, now)
		s.changed()
	case kindClosed:
		if s := r.sessions[in.session]; s != nil {
			r.forget(s)
		}
		if len(r.ended) < r.config.MaxSessions {
			r.ended[in.session] = now
		}
	case kindNotice:
	}
}

// session returns a session that is used now, which is made if there is none.
func (r *replica) session(id string, now time.Time) *session {
	s := r.sessions[id]
	if s == nil {
		r.makeRoom()
		s = newSession(id, now, r.since)
		r.sessions[id] = s
	}
	s.used = now
	return s
}

// take takes a card.
func (r *replica) take(s *session, data []byte, at sse.Position, now time.Time) {
	var c card
	if json.Unmarshal(data, &c) != nil {
		return
	}
	if s.card == nil {
		r.users[c.User]++
		if len(s.order) == 0 && c.Seen >= r.since {
			s.lost = c.Alone
		}
	}
	s.card, s.told, s.toldAt = &c, at.Offset, now
}

// add takes a message, and forgets the oldest ones beyond the limits.
func (r *replica) add(s *session, in record, at sse.Position, now time.Time) {
	before := s.bytes
	if !s.add(in, at.Offset, now) {
		return
	}
	r.bytes += s.bytes - before
	r.queue = append(r.queue, queued{s, at.Offset})
	for s.bytes > r.config.MaxSessionBytes && len(s.order) > 1 {
		r.bytes -= s.drop()
	}
	for r.bytes > r.config.MaxBytes && len(r.queue) > 1 {
		r.dropOldest()
	}
	if len(r.queue) > 2*(r.bytes/overhead+tidied) { // more than half of them have gone
		r.tidy()
	}
}

// dropOldest forgets the oldest message of all, if it has not gone before.
func (r *replica) dropOldest() {
	oldest := r.queue[0]
	r.queue[0] = queued{}
	r.queue = r.queue[1:]
	for s := oldest.session; len(s.order) > 0 && s.order[0].offset <= oldest.offset; {
		r.bytes -= s.drop()
	}
}

// makeRoom forgets the session that has not been used for longest, if there are
// too many for one more.
func (r *replica) makeRoom() {
	if len(r.sessions) < r.config.MaxSessions {
		return
	}
	var idle *session
	for _, s := range r.sessions {
		if idle == nil || s.used.Before(idle.used) {
			idle = s
		}
	}
	r.forget(idle)
	r.evicted = append(r.evicted, idle.id)
}

// takeEvicted returns the sessions that had to go for others since it was called.
func (r *replica) takeEvicted() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	gone := r.evicted
	r.evicted = nil
	return gone
}

func (r *replica) forget(s *session) {
	if s.card != nil {
		if r.users[s.card.User]--; r.users[s.card.User] == 0 {
			delete(r.users, s.card.User)
		}
	}
	r.bytes -= s.bytes
	s.order, s.bytes, s.streams = nil, 0, map[string]*stream{}
	delete(r.sessions, s.id)
	s.changed()
}

// expire forgets the sessions and the messages that are too old.
func (r *replica) expire(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	limit := now.Add(-r.config.MaxAge)
	for _, s := range r.sessions {
		if s.used.Before(limit) {
			r.forget(s)
			continue
		}
		for len(s.order) > 0 && s.order[0].at.Before(limit) {
			r.bytes -= s.drop()
		}
	}
	for id, at := range r.ended {
		if at.Before(limit) {
			delete(r.ended, id)
		}
	}
	r.tidy()
}

// tidy takes what has gone out of the queue.
func (r *replica) tidy() {
	r.queue = slices.DeleteFunc(r.queue, func(q queued) bool {
		return len(q.session.order) == 0 || q.offset < q.session.order[0].offset
	})
}

// open makes a stream that this node will append to.
func (r *replica) open(sessionID, streamID string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.session(sessionID, now).stream(streamID)
}

// next returns the index of the message that this node is about to append, the
// last one of its stream or not.
func (r *replica) next(sessionID, streamID string, now time.Time, last bool) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := r.session(sessionID, now).stream(streamID)
	index := to.next
	to.next, to.writing = index+1, !last
	return index
}

// know returns what the log says of a session, nil if it does not know it.
func (r *replica) know(sessionID string) *card {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.sessions[sessionID]; s != nil {
		return s.card
	}
	return nil
}

// after returns the messages of a stream behind an index, -1 for all.
func (r *replica) after(sessionID, streamID string, index int) ([][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[sessionID]
	if _, ended := r.ended[sessionID]; s == nil || ended {
		return nil, fmt.Errorf("no session has the ID %.40q", sessionID)
	}
	from := s.streams[streamID]
	if from == nil && streamID == "" && index == -1 && s.lost == 0 {
		return nil, nil
	}
	if from == nil {
		return nil, fmt.Errorf("no stream has the ID %.40q: %w", streamID, mcp.ErrEventsPurged)
	}
	if index < -1 || uint64(index+1) < from.first {
		return nil, mcp.ErrEventsPurged
	}
	var found [][]byte
	for i := uint64(index+1) - from.first; i < uint64(len(from.messages)); i++ {
		found = append(found, from.messages[i].data)
	}
	return found, nil
}

func (r *replica) position() sse.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

// sessionsOf returns how many sessions a user has.
func (r *replica) sessionsOf(user string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.users[user]
}

// alone returns how far the log has come, and the offset of the newest message
// of a session that belongs to no request.
func (r *replica) alone(sessionID string) (seen, newest uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[sessionID]
	if s == nil {
		return r.at.Offset, 0
	}
	newest = s.lost
	if from := s.streams[""]; from != nil && len(from.messages) > 0 {
		newest = from.messages[len(from.messages)-1].offset
	}
	return r.at.Offset, newest
}

// far is how many messages the log may have behind what it says of a session
// before that is said again.
const far = 1_000

// outdated returns what is known of a session if it has to be said again.
func (r *replica) outdated(sessionID string) *card {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[sessionID]
	if s == nil || s.card == nil {
		return nil
	}
	if now := time.Now(); now.Sub(s.toldAt) < r.config.MaxAge/4 && r.at.Offset-s.told < far {
		return nil
	}
	s.toldAt, s.told = time.Now(), r.at.Offset // once, and not by all requests of a moment
	return s.card
}
