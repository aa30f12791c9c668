package sse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// A Hub passes events on to all sessions that have joined a topic. It belongs to
// an application, is made by [NewHub], and its methods may be called from any
// goroutine, as long as the application runs. It has no goroutine of its own,
// except one that follows a [Broker].
//
// A hub has one ordered log, of limited size, and each session that has joined
// stands somewhere in it. So the log is the queue of every session, what a client
// that comes back is replayed from, and the room that a slow one has to lag in,
// all at once. A topic is what a session sees of the log. An event is encoded
// once; events that follow one another leave in one write.
//
// An event that was published reaches every session that has joined its topic,
// once and in the order of the log, or the client learns that it has missed
// something: see [HubConfig] and [ErrLagged]. Between the events of a hub and
// those that a session sends itself there is no order.
type Hub struct {
	application *app.Application
	began       time.Time
	config      HubConfig
	log         *hubLog
	gap         atomic.Pointer[entry] // the newest one
	buffers     buffers
	runs        sync.Pool // of *run, what consecutive events are put together in
	ranges      *ranges
	outsiders   *outsiders // those of the application

	turn   chan struct{} // whoever has put something in may change the log
	room   room          // what the one whose turn it is waits by
	watch  atomic.Uint64 // the entry that somebody waits for members to pass; 0 if nobody does
	passed chan struct{} // says that one has

	life      context.Context //nolint:containedctx // its own, which ends with Close
	end       context.CancelCauseFunc
	following sync.WaitGroup // what follows the broker, while the hub is not closed

	mu     sync.Mutex // guards what follows; never held while anybody is waited for
	epoch  string
	since  uint64 // the first entry of the epoch
	base   uint64 // the offset behind which the log has everything of the epoch
	last   uint64 // the offset of the newest event
	topics map[string]*topic
	joined int // how many members there are
	losses losses
	counts hubCounts
}

// NewHub returns a hub of an application. It is called in a module; a hub without
// a Broker may also be made later. Mistakes in the configuration are those of the
// line that calls NewHub, and Start returns them. Topics need no declaration.
func NewHub(a *app.Application, configure ...func(*HubConfig)) *Hub {
	site := app.Caller(1)
	config := defaultHubConfig()
	wrong := mistakes.Configure(&config, configure)
	if err := errors.Join(wrong, config.validate()); err != nil {
		a.FailAt(site, fmt.Errorf("make a hub: %w", err))
	}
	h := &Hub{
		application: a, began: time.Now(), config: config, log: newHubLog(config.LogEvents, config.LogBytes),
		ranges: newRanges(), outsiders: outsidersKey.GetOrSet(a, &outsiders{all: map[Subscriber]*outsider{}}),
		turn: make(chan struct{}, 1), passed: make(chan struct{}, 1),
		epoch: newEpoch(), since: 1, topics: map[string]*topic{},
	}
	h.life, h.end = context.WithCancelCause(context.Background())
	h.room = room{hub: h}
	if config.Broker != nil {
		a.OnStart(h.startToFollow)
	}
	return h
}

// newEpoch returns a name that no other log has.
func newEpoch() string {
	return strconv.FormatUint(rand.Uint64(), 36) //nolint:gosec // it need not be hard to guess
}

// Close ends the hub: what is published later, or waits for clients, fails, as does
// joining, and each session leaves when it has delivered what the hub has, so that
// the streams that have joined no other hub end cleanly. Close does not wait for
// them. It does wait until the [Broker] is not followed any more, which ends at
// once: what the hub has not received by then is for clients that come back. A hub
// need not be closed: it ends with its application.
func (h *Hub) Close() {
	h.mu.Lock()
	h.end(errHubClosed) // with mu held, so that nothing is published after it
	for m := range h.members() {
		m.bell.ring()
	}
	h.mu.Unlock()
	h.following.Wait()
}

func (h *Hub) isClosed() bool { return h.life.Err() != nil }

// whileOpen returns a context that ends with the hub, too, and what frees it.
func (h *Hub) whileOpen(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(h.life, func() { cancel(errHubClosed) })
	return ctx, func() {
		unhook()
		cancel(nil)
	}
}

// members yields the members, each once. The caller holds mu.
func (h *Hub) members() iter.Seq[*member] {
	return func(yield func(*member) bool) {
		for _, t := range h.topics {
			for _, joined := range t.members {
				if m := joined.member; m.choices().isFirst(joined) && !yield(m) {
					return
				}
			}
		}
	}
}

// topicOf returns a topic, which it makes if there is none. The caller holds mu.
func (h *Hub) topicOf(name string) *topic {
	t := h.topics[name]
	if t == nil {
		t = &topic{name: name, unneeded: h.log.next.Load()}
		h.topics[name] = t
	}
	return t
}

// forget drops a topic that is not used any more. The caller holds mu.
func (h *Hub) forget(t *topic) {
	if t.unused() {
		delete(h.topics, t.name)
	}
}

// take waits for the turn to change the log.
func (h *Hub) take(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
		return nil
	default:
	}
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-h.life.Done():
		return errHubClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// give gives the turn away.
func (h *Hub) give() { <-h.turn }
