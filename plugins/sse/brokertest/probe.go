package brokertest

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// probe is a test with its log.
type probe struct {
	testing.TB

	ctx context.Context //nolint:containedctx // ends when the test has waited long enough
	log Log
}

func (p *probe) open() sse.Broker {
	p.Helper()
	broker := p.log.Open(p.TB)
	require.NotNil(p, broker, "Open returns nil")
	return broker
}

func (p *probe) last(broker sse.Broker) sse.Position {
	p.Helper()
	last, err := broker.Last(p.ctx)
	require.NoError(p, err, "Last")
	return last
}

// publish appends a message and returns it as it must arrive.
func (p *probe) publish(broker sse.Broker, topic, data string) sse.Message {
	p.Helper()
	position, err := broker.Publish(p.ctx, topic, []byte(data))
	require.NoError(p, err, "Publish")
	return sse.Message{Position: position, Topic: topic, Data: []byte(data)}
}

// fill publishes n messages to the topics in turn.
func (p *probe) fill(broker sse.Broker, n int, topics ...string) []sse.Message {
	p.Helper()
	messages := make([]sse.Message, 0, n)
	for i := range n {
		messages = append(messages, p.publish(broker, topics[i%len(topics)], fmt.Sprintf("data: %d\n\n", i)))
	}
	return messages
}

// within is what Range yields, which has to end without an error.
func (p *probe) within(broker sse.Broker, after sse.Position, limit int, topics ...string) []sse.Message {
	p.Helper()
	var messages []sse.Message
	for message, err := range broker.Range(p.ctx, after, limit, topics) {
		require.NoError(p, err, "Range after %s, with %d messages", after, len(messages))
		messages = append(messages, message)
	}
	return messages
}

// equal compares messages. It shows their positions alone if these differ.
func (p *probe) equal(want, got []sse.Message) {
	p.Helper()
	require.Equal(p, positions(want), positions(got))
	for i := range want {
		require.Equal(p, want[i].Topic, got[i].Topic, "the topic of %s", want[i].Position)
		require.Equal(p, string(want[i].Data), string(got[i].Data), "the data of %s", want[i].Position)
	}
}

func positions(messages []sse.Message) []string {
	ids := []string{}
	for _, message := range messages {
		ids = append(ids, message.String())
	}
	return ids
}

// gap checks that Subscribe and Range refuse a position, whatever the topic.
func (p *probe) gap(broker sse.Broker, after sse.Position) {
	p.Helper()
	p.only(broker.Range(p.ctx, after, 10, []string{"a"}), sse.ErrGap, "Range after %s", after)
	p.only(broker.Range(p.ctx, after, 10, []string{"a topic that nobody has"}), sse.ErrGap, "Range after %s", after)
	p.only(broker.Subscribe(p.ctx, after), sse.ErrGap, "Subscribe after %s", after)
}

// only checks that a sequence yields an error and nothing else.
func (p *probe) only(sequence iter.Seq2[sse.Message, error], want error, format string, args ...any) {
	p.Helper()
	call := fmt.Sprintf(format, args...)
	count := 0
	for message, err := range sequence {
		count++
		require.ErrorIs(p, err, want, "%s: item %d, %s", call, count, message.Position)
	}
	require.Equal(p, 1, count, "%s: the number of items", call)
}

// A follower reads what a Subscribe yields, one by one.
type follower struct {
	*probe

	cancel context.CancelFunc
	next   func() (sse.Message, error, bool)
	stop   func()
}

func (p *probe) follow(broker sse.Broker, after sse.Position) *follower {
	ctx, cancel := context.WithCancel(p.ctx)
	next, stop := iter.Pull2(broker.Subscribe(ctx, after))
	p.Cleanup(func() {
		cancel()
		stop()
	})
	return &follower{p, cancel, next, stop}
}

// take returns the next n messages.
func (f *follower) take(n int) []sse.Message {
	f.Helper()
	messages := make([]sse.Message, 0, n)
	for len(messages) < n {
		message, err, more := f.next()
		require.True(f, more, "message %d of %d: Subscribe has ended without an error", len(messages)+1, n)
		require.NoError(f, err, "message %d of %d", len(messages)+1, n)
		messages = append(messages, message)
	}
	return messages
}

// ends checks that an error comes next, and nothing after it.
func (f *follower) ends(want error) {
	f.Helper()
	message, err, more := f.next()
	require.True(f, more, "Subscribe has ended without an error")
	require.ErrorIs(f, err, want, "what follows is %s", message.Position)
	_, err, more = f.next()
	require.False(f, more, "Subscribe goes on after its error: %v", err)
}
