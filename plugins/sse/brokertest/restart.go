package brokertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// pause is how long a reader or publisher waits that has met an error.
const pause = 10 * time.Millisecond

// keepReading does what a hub does: it subscribes again after each error but
// ErrGap and that of ctx, from the last message that it has got.
func (p *probe) keepReading(ctx context.Context, broker sse.Broker, after sse.Position, take func(sse.Message)) error {
	for {
		for message, err := range broker.Subscribe(ctx, after) {
			if err == nil {
				after = message.Position
				take(message)
				continue
			}
			if errors.Is(err, sse.ErrGap) {
				return err
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// keepPublishing publishes until the server acknowledges it. Each attempt has
// other data: one that has failed may be in the log all the same.
func (p *probe) keepPublishing(broker sse.Broker, data string) (sse.Message, error) {
	for attempt := 0; ; attempt++ {
		text := fmt.Appendf(nil, "%s, attempt %d", data, attempt)
		position, err := broker.Publish(p.ctx, "a", text)
		if err == nil {
			return sse.Message{Position: position, Topic: "a", Data: text}, nil
		}
		select {
		case <-time.After(pause):
		case <-p.ctx.Done():
			return sse.Message{}, fmt.Errorf("publish for a minute: %w", err)
		}
	}
}

// The server is killed twice while two nodes publish and three read.
func testRestarted(p *probe) {
	const each = 150
	brokers := []sse.Broker{p.open(), p.open(), p.open()}
	begin := p.last(brokers[0])
	before := p.fill(brokers[0], 10, "a")

	// The publishers go on while the server is killed, but not to their end.
	acknowledged := make(chan sse.Message, each/5)
	var publishing sync.WaitGroup
	for node := range 2 {
		publishing.Go(func() {
			for i := range each {
				message, err := p.keepPublishing(brokers[node], fmt.Sprintf("node %d, event %d", node, i))
				if !assert.NoError(p, err) {
					return
				}
				acknowledged <- message
			}
		})
	}
	var reading sync.WaitGroup
	ctx, cancel := context.WithCancel(p.ctx)
	read := make([]collected, len(brokers))
	for i, broker := range brokers {
		read[i].grown = make(chan struct{}, 1)
		reading.Go(func() {
			err := p.keepReading(ctx, broker, begin, read[i].add)
			assert.ErrorIs(p, err, context.Canceled, "reader %d", i)
		})
	}
	want := before
	for i := range 2 * each {
		if i == each/2 || i == each {
			p.log.Restart(p.TB)
		}
		select {
		case message := <-acknowledged:
			want = append(want, message)
		case <-p.ctx.Done():
			require.FailNow(p, "nothing is acknowledged", "after %d events", i)
		}
	}
	publishing.Wait()
	for i := range read {
		read[i].wait(p, want)
	}
	cancel()
	reading.Wait()
	slices.SortFunc(want, byOffset)
	for i := range read {
		p.complete(want, read[i].messages)
	}
}

// complete checks that every message that was wanted is there, that the others
// come from attempts that failed, and that all are in order.
func (p *probe) complete(want, got []sse.Message) {
	p.Helper()
	known := map[sse.Position]string{}
	seen := map[string]bool{}
	var before sse.Position
	for i, message := range got {
		require.False(p, seen[string(message.Data)], "%s comes twice", message.Data)
		if i > 0 {
			require.Equal(p, before.Epoch, message.Epoch)
			require.Greater(p, message.Offset, before.Offset)
		}
		before = message.Position
		known[message.Position] = string(message.Data)
		seen[string(message.Data)] = true
	}
	for _, message := range want {
		require.Equal(p, string(message.Data), known[message.Position], "what is at %s", message.Position)
	}
}

// collected is what a reader has got.
type collected struct {
	mu       sync.Mutex
	messages []sse.Message
	grown    chan struct{} // has room for one
}

func (c *collected) add(message sse.Message) {
	c.mu.Lock()
	c.messages = append(c.messages, message)
	c.mu.Unlock()
	select {
	case c.grown <- struct{}{}:
	default:
	}
}

// wait waits for a message that is at least as new as the newest of those that
// are wanted.
func (c *collected) wait(p *probe, want []sse.Message) {
	p.Helper()
	newest := slices.MaxFunc(want, byOffset)
	for {
		c.mu.Lock()
		arrived := len(c.messages) > 0 && c.messages[len(c.messages)-1].Offset >= newest.Offset
		c.mu.Unlock()
		if arrived {
			return
		}
		select {
		case <-c.grown:
		case <-p.ctx.Done():
			require.FailNow(p, "a reader misses what was acknowledged", "%s", newest.Position)
		}
	}
}

// A server that restarts while nobody publishes keeps the log: no position
// becomes a gap.
func testRestartedAtRest(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	all := p.fill(broker, 10, "a")
	p.log.Restart(p.TB)
	more, err := p.keepPublishing(broker, "after the restart")
	require.NoError(p, err)
	other := p.open()
	p.equal(all, p.within(other, begin, 10, "a"))
	p.equal(all[5:], p.follow(other, all[4].Position).take(5))
	// An attempt that has failed may be in the log too.
	p.complete(append(all, more), p.within(broker, begin, 100, "a"))
}

// Where the log has lost its tail, no new message takes the place of a lost one.
func testLostTail(p *probe) {
	broker := p.open()
	kept := p.fill(broker, 5, "a")
	var lost []sse.Message
	p.log.Lose(p.TB, func() { lost = p.fill(broker, 3, "a") })
	other := p.open()
	for _, message := range lost {
		p.gap(other, message.Position)
	}
	fresh, err := p.keepPublishing(other, "first")
	require.NoError(p, err)
	later := append([]sse.Message{fresh}, p.fill(other, 9, "a")...)
	for _, message := range lost {
		p.gap(other, message.Position)
		require.NotContains(p, positions(later), message.String())
	}
	p.whole(other, kept[4].Position, later)
	p.equal(later[1:], p.within(other, fresh.Position, 100, "a"))
}

// A message that was acknowledged and is lost is told to every reader, although
// none has seen it: at the latest when its node publishes again.
func testLostTailIsTold(p *probe) {
	publisher, reading := p.open(), p.open()
	kept := p.fill(publisher, 5, "a")
	p.log.Lose(p.TB, func() { p.fill(publisher, 3, "a") })
	gap := make(chan error, 1)
	go func() { gap <- p.keepReading(p.ctx, reading, kept[4].Position, func(sse.Message) {}) }()
	for i := range 5 {
		_, err := p.keepPublishing(reading, fmt.Sprint("another node's ", i))
		require.NoError(p, err)
	}
	_, err := p.keepPublishing(publisher, "its own")
	require.NoError(p, err)
	require.ErrorIs(p, <-gap, sse.ErrGap)
}
