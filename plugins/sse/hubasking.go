package sse

import (
	"context"
	"slices"
	"time"
)

// retryRange is how long a client that comes back waits for a broker that is away,
// until the next try.
const retryRange = time.Second

// An asking is under way until the broker has answered, and a while longer if that
// was an error.
type asking struct {
	answered chan struct{}   // closed then
	ctx      context.Context //nolint:containedctx // ends with the subscriber, or when it has left
	end      context.CancelFunc
}

// ask asks the broker for the next page, unless none is wanted or one is at hand:
// then it returns nil, and else what is closed when the broker has answered. The
// member is woken when it can go on.
func (m *member) ask() (answered <-chan struct{}) {
	now, fresh := m.comeback().ask(m.to.Context())
	if fresh {
		m.to.GoDeliver(func(context.Context) error {
			m.get(now)
			return nil
		})
	}
	if now == nil {
		return nil
	}
	return now.answered
}

// ask returns what is under way to get the next page, and whether it is yet to
// begin; nil if no page is wanted.
func (c *comeback) ask(ctx context.Context) (now *asking, fresh bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.behind || c.page != nil || c.asking != nil {
		return c.asking, false
	}
	c.asking = &asking{answered: make(chan struct{})}
	c.asking.ctx, c.asking.end = context.WithCancel(ctx)
	return c.asking, true
}

// get gets the next page. Where that fails, it lets some time pass before somebody
// asks again.
func (m *member) get(now *asking) {
	defer now.end()
	c, ctx := m.comeback(), now.ctx
	err := m.read(ctx)
	close(now.answered)
	if err != nil && ctx.Err() == nil {
		if m.hub.ranges.isNews() {
			m.hub.application.Logger().WarnContext(ctx, "clients that come back wait for the hub's broker", "error", err)
		}
		pause(ctx, retryRange)
	}
	c.mu.Lock()
	c.asking = nil
	c.mu.Unlock()
	m.bell.ring()
}

// read reads a page of what follows out of the broker's log.
func (m *member) read(ctx context.Context) error {
	c := m.comeback()
	for {
		c.mu.Lock()
		after := c.after
		c.mu.Unlock()
		topics := m.wanted()
		read, err := m.readPage(ctx, after, topics)
		if err != nil {
			return err
		}
		if read.topics = topics; m.turn(read) {
			return nil
		}
	}
}

// readPage reads a page behind a position.
func (m *member) readPage(ctx context.Context, after Position, topics []string) (*page, error) {
	if len(topics) == 0 {
		return &page{whole: true, end: m.hub.reached()}, nil
	}
	read, err := m.hub.ranges.read(ctx, m.hub, after, topics)
	if err != nil {
		return nil, err
	}
	return &read, nil
}

// turn takes a page that was read, and reports whether its topics are still the ones
// that are wanted. If something is lost, the member goes on from now.
func (m *member) turn(read *page) bool {
	h, c := m.hub, m.comeback()
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.behind: // it has left
		return true
	case !slices.Equal(read.topics, m.wanted()):
		return false
	case !read.lost:
		c.page = read
		return true
	}
	for _, topic := range m.resumed() {
		if !slices.Contains(c.missed, topic) {
			c.missed = append(c.missed, topic)
		}
	}
	// What the hub still gets from before is older than what the client has. A hub that
	// has gone on to a new log meanwhile gets nothing of that.
	c.after, c.behind = read.from, false
	if read.end.Epoch != h.epoch {
		c.after = Position{}
	}
	m.reach(c.after)
	m.goOn()
	return true
}
