package brokertest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

func testReplayThenLive(p *probe) {
	first, second := p.open(), p.open()
	begin := p.last(first)
	old := p.fill(first, 30, "a", "b")
	whole, half, same := p.follow(first, begin), p.follow(second, old[14].Position), p.follow(second, old[14].Position)
	p.equal(old, whole.take(30))
	p.equal(old[15:], half.take(15))
	for i := range 20 {
		message := p.fill([]sse.Broker{first, second}[i%2], 1, "c")
		p.equal(message, whole.take(1))
		p.equal(message, half.take(1))
		old = append(old, message...)
	}
	p.equal(old[15:], same.take(35))
}

func testFromTheEnd(p *probe) {
	broker := p.open()
	fresh := p.follow(broker, p.last(broker))
	first := p.fill(broker, 1, "a")
	p.equal(first, fresh.take(1))
	p.fill(broker, 10, "a")
	late := p.follow(p.open(), p.last(broker))
	more := p.fill(broker, 3, "b")
	p.equal(more, late.take(3))
	require.Len(p, fresh.take(13), 13)
}

// All nodes publish and read at the same time, and one handle is used by many
// goroutines.
func testManyNodes(p *probe) {
	const nodes, publishers, each = 3, 4, 40
	const total = nodes * publishers * each
	var brokers []sse.Broker
	for range nodes {
		brokers = append(brokers, p.open())
	}
	begin := p.last(brokers[0])
	var tasks sync.WaitGroup
	read := make([][]sse.Message, 2*nodes)
	for i := range read {
		tasks.Go(func() {
			for message, err := range brokers[i%nodes].Subscribe(p.ctx, begin) {
				if !assert.NoError(p, err, "after %d messages", len(read[i])) {
					return
				}
				if read[i] = append(read[i], message); len(read[i]) == total {
					return
				}
			}
		})
	}
	sent := make([][]sse.Message, nodes*publishers)
	for i := range sent {
		tasks.Go(func() {
			for n := range each {
				topic, data := fmt.Sprint("topic ", i%3), fmt.Appendf(nil, "%d/%d", i, n)
				position, err := brokers[i%nodes].Publish(p.ctx, topic, data)
				if !assert.NoError(p, err) {
					return
				}
				sent[i] = append(sent[i], sse.Message{Position: position, Topic: topic, Data: data})
				if n%10 == 0 {
					_, err = brokers[i%nodes].Last(p.ctx)
					assert.NoError(p, err)
				}
			}
		})
	}
	tasks.Wait()
	for i, own := range sent {
		require.True(p, slices.IsSortedFunc(own, byOffset), "what publisher %d sent", i)
	}
	want := slices.SortedFunc(slices.Values(slices.Concat(sent...)), byOffset)
	for i := range read {
		p.equal(want, read[i])
	}
	p.equal(want, p.within(brokers[0], begin, total, "topic 0", "topic 1", "topic 2"))
	assert.Equal(p, want[total-1].Position, p.last(brokers[1]))
}

func byOffset(a, b sse.Message) int {
	switch {
	case a.Offset < b.Offset:
		return -1
	case a.Offset > b.Offset:
		return 1
	}
	return 0
}

func testContexts(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	waiting := p.follow(broker, begin)
	p.equal(p.fill(broker, 1, "a"), waiting.take(1))
	waiting.cancel()
	waiting.ends(context.Canceled)

	idle := make(chan error, 1)
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	go func() {
		var last error
		for _, err := range broker.Subscribe(ctx, p.last(broker)) {
			last = err
		}
		idle <- last
	}()
	p.fill(broker, 1, "a")
	cancel()
	require.ErrorIs(p, <-idle, context.Canceled)

	over, end := context.WithCancel(p.ctx)
	end()
	_, err := broker.Last(over)
	require.ErrorIs(p, err, context.Canceled, "Last")
	_, err = broker.Publish(over, "a", []byte("data: x\n\n"))
	require.ErrorIs(p, err, context.Canceled, "Publish")
	p.only(broker.Range(over, begin, 10, []string{"a"}), context.Canceled, "Range")
	p.only(broker.Subscribe(over, begin), context.Canceled, "Subscribe")
	p.fill(broker, 1, "b")
	require.Len(p, p.within(broker, begin, 10, "b"), 1)
}
