package sse_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A mailbox is a subscriber that is no event stream: what it is given stays in it.
// It is what another package would write.
type mailbox struct {
	ctx    context.Context //nolint:containedctx // what Context returns
	cancel context.CancelCauseFunc
	id     string // where it left off
	full   func(ctx context.Context, events []sse.Event) error
	work   sync.WaitGroup

	mu     sync.Mutex
	events []sse.Event
	marks  []string
	ended  error // what work has returned
	busy   bool
	taken  time.Time
}

var _ sse.Subscriber = (*mailbox)(nil)

func newMailbox(id string) *mailbox {
	m := &mailbox{id: id, full: func(context.Context, []sse.Event) error { return nil }}
	m.ctx, m.cancel = context.WithCancelCause(context.Background())
	return m
}

func (m *mailbox) Context() context.Context { return m.ctx }

func (m *mailbox) LastEventID() string { return m.id }

func (m *mailbox) GoDeliver(work func(ctx context.Context) error) {
	if m.ctx.Err() != nil {
		return
	}
	m.work.Go(func() {
		app.Attempt(func() error { return work(m.ctx) }, func(err error) {
			if err != nil {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.ended = err
				m.cancel(err)
			}
		})
	})
}

func (m *mailbox) Deliver(events []sse.Event) error {
	defer m.begin()()
	if err := m.full(m.ctx, events); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, events...)
	return nil
}

func (m *mailbox) Mark(id string) error {
	defer m.begin()()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.marks = append(m.marks, id)
	return nil
}

// begin fails the work if two deliver at the same time.
func (m *mailbox) begin() (end func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.busy {
		panic("two deliver at the same time")
	}
	m.busy = true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.busy = false
	}
}

func (m *mailbox) TakenAt() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.taken
}

// takes says that the client has taken a part of what is delivered.
func (m *mailbox) takes() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken = time.Now()
}

func (m *mailbox) End(cause error) { m.cancel(cause) }

// close ends the mailbox, and waits for its work.
func (m *mailbox) close() error {
	m.cancel(sse.ErrClosed)
	m.work.Wait()
	return m.ended
}

// all returns the events that have come.
func (m *mailbox) all() []sse.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events)
}
