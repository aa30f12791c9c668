package brokertest

import (
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

func testRanges(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	all := p.fill(broker, 12, "a", "b", "c")
	of := func(topics ...string) []sse.Message {
		var messages []sse.Message
		for _, message := range all {
			for _, topic := range topics {
				if message.Topic == topic {
					messages = append(messages, message)
				}
			}
		}
		return messages
	}
	p.equal(all, p.within(broker, begin, 12, "a", "b", "c"))
	p.equal(all, p.within(broker, begin, 1000, "c", "b", "a"))
	p.equal(all[:5], p.within(broker, begin, 5, "a", "b", "c"))
	p.equal(all[:1], p.within(broker, begin, 1, "a", "b", "c"))
	p.equal(all[5:], p.within(broker, all[4].Position, 100, "a", "b", "c"))
	p.equal(all[5:7], p.within(broker, all[4].Position, 2, "a", "b", "c"))
	p.equal(of("b"), p.within(broker, begin, 100, "b"))
	p.equal(of("b")[:3], p.within(broker, begin, 3, "b"))
	p.equal(of("a", "c"), p.within(broker, begin, 100, "c", "nobody's", "a"))
	p.equal(of("a")[1:], p.within(broker, of("a")[0].Position, 100, "a"))
	p.equal(of("a")[1:], p.within(broker, of("b")[0].Position, 100, "a"))
	p.equal(of("b")[:2], p.within(broker, begin, 2, "b", "b"))
	require.Empty(p, p.within(broker, begin, 100, "nobody's"))
	require.Empty(p, p.within(broker, begin, 100))
	require.Empty(p, p.within(broker, all[11].Position, 100, "a", "b", "c"))
	require.Empty(p, p.within(broker, all[10].Position, 100, "a"))
}

// Engines read a log in pages.
func testLongRanges(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	first := p.publish(broker, "rare", "data: first\n\n")
	all := append([]sse.Message{first}, p.fill(broker, 1000, "a")...)
	all = append(all, p.publish(broker, "rare", "data: last\n\n"))
	p.equal(all, p.within(broker, begin, 2000, "a", "rare"))
	p.equal(all[:1001], p.within(broker, begin, 1001, "a", "rare"))
	p.equal(all[1:1000], p.within(broker, begin, 999, "a"))
	p.equal([]sse.Message{all[0], all[1001]}, p.within(broker, begin, 100, "rare"))
	p.equal(all[1001:], p.within(broker, first.Position, 1, "rare"))
	p.equal(all, p.follow(broker, begin).take(len(all)))
}

func testReadersMayStop(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	all := p.fill(broker, 300, "a")
	for range 3 {
		for message, err := range broker.Range(p.ctx, begin, 300, []string{"a"}) {
			require.NoError(p, err)
			require.Equal(p, all[0].Position, message.Position)
			break
		}
		for message, err := range broker.Subscribe(p.ctx, begin) {
			require.NoError(p, err)
			require.Equal(p, all[0].Position, message.Position)
			break
		}
	}
	p.equal(all, p.within(broker, begin, 300, "a"))
}
