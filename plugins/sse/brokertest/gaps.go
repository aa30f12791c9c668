package brokertest

import (
	"errors"
	"math"
	"strings"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// others are epochs that are not this one. A client may send any of them.
func others(epoch string) []string {
	return []string{
		"", "0", "x", epoch + "0", "0" + epoch, epoch[1:], strings.Repeat("9", 64), "18446744073709551615", "18446744073709551616",
	}
}

func testGaps(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	all := p.fill(broker, 3, "a")
	for _, epoch := range others(begin.Epoch) {
		p.gap(broker, sse.Position{Epoch: epoch, Offset: all[1].Offset})
		p.gap(broker, sse.Position{Epoch: epoch})
	}
	for _, offset := range []uint64{all[2].Offset + 1, all[2].Offset + 100, 1 << 53, math.MaxInt64, math.MaxUint64} {
		p.gap(broker, sse.Position{Epoch: begin.Epoch, Offset: offset})
	}
	p.equal(all[1:], p.within(broker, all[0].Position, 10, "a"))
	p.equal(all, p.follow(broker, begin).take(3))
}

func testGapsOfAnEmptyLog(p *probe) {
	broker := p.open()
	p.gap(broker, sse.Position{})
	p.gap(broker, sse.Position{Epoch: "x"})
	begin := p.last(broker)
	p.gap(broker, sse.Position{Epoch: begin.Epoch, Offset: begin.Offset + 1})
	p.gap(p.open(), sse.Position{Epoch: begin.Epoch, Offset: math.MaxUint64})
	require.Empty(p, p.within(broker, begin, 10, "a"))
}

func testTrimmed(p *probe) {
	broker, other := p.open(), p.open()
	begin := p.last(broker)
	all := p.fill(broker, 20, "a", "a", "a", "b")
	p.log.Trim(p.TB, 5)
	p.gap(broker, begin)
	for _, message := range all[:14] {
		p.gap(other, message.Position)
	}
	// Nothing is missing after the newest of those that are gone. An engine
	// whose offsets skip numbers may not know.
	p.whole(other, all[14].Position, all[15:])
	for i := 15; i < 20; i++ {
		p.equal(all[i+1:], p.within(broker, all[i].Position, 100, "a", "b"))
		p.equal(all[i+1:], p.follow(other, all[i].Position).take(19-i))
	}
	require.Equal(p, all[19].Position, p.last(other))
	reader := p.follow(other, all[19].Position)
	more := p.fill(broker, 1, "c")
	require.Equal(p, begin.Epoch, more[0].Epoch)
	p.equal(more, reader.take(1))
}

// whole checks that a position gives all of the messages, or is said to be a
// gap.
func (p *probe) whole(broker sse.Broker, after sse.Position, want []sse.Message) {
	p.Helper()
	var got []sse.Message
	for message, err := range broker.Range(p.ctx, after, len(want)+1, []string{"a", "b"}) {
		if errors.Is(err, sse.ErrGap) {
			require.Empty(p, got, "ErrGap comes late")
			return
		}
		require.NoError(p, err)
		got = append(got, message)
	}
	p.equal(want, got)
}

func testTrimmedToNothing(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	all := p.fill(broker, 5, "a")
	p.log.Trim(p.TB, 0)
	other := p.open()
	require.Equal(p, all[4].Position, p.last(other))
	p.gap(broker, begin)
	p.gap(other, all[3].Position)
	p.gap(other, sse.Position{Epoch: begin.Epoch, Offset: all[4].Offset + 1})
	require.Empty(p, p.within(other, all[4].Position, 10, "a"))
	reader := p.follow(other, all[4].Position)
	more := p.fill(broker, 2, "a")
	p.equal(more, reader.take(2))
	p.equal(more, p.within(other, all[4].Position, 10, "a"))
}

// A reader that is slower than the log is trimmed gets everything, or what comes
// first and then ErrGap: never something after what is missing.
func testTrimmedUnderAReader(p *probe) {
	const count = 3000
	broker := p.open()
	begin := p.last(broker)
	all := p.fill(broker, count, "a", "b")
	slow := p.follow(broker, begin)
	p.equal(all[:1], slow.take(1))
	trimmed := false
	got := 0
	for message, err := range broker.Range(p.ctx, begin, count, []string{"a", "b"}) {
		if errors.Is(err, sse.ErrGap) {
			break
		}
		require.NoError(p, err)
		require.Equal(p, all[got].Position, message.Position, "Range goes on after what is missing")
		if got++; !trimmed {
			p.log.Trim(p.TB, 1)
			trimmed = true
		}
	}
	require.True(p, trimmed)
	marker := p.fill(broker, 1, "a")
	all = append(all, marker...)
	for got = 1; got < len(all); got++ {
		message, err, more := slow.next()
		require.True(p, more, "Subscribe has ended without an error")
		if errors.Is(err, sse.ErrGap) {
			return
		}
		require.NoError(p, err)
		require.Equal(p, all[got].Position, message.Position, "Subscribe goes on after what is missing")
	}
}

func testForgotten(p *probe) {
	broker, other := p.open(), p.open()
	begin := p.last(broker)
	all := p.fill(broker, 5, "a")
	behind, atEnd := p.follow(broker, begin), p.follow(other, all[4].Position)
	p.equal(all, behind.take(5))
	p.log.Forget(p.TB)
	fresh := p.fill(p.open(), 10, "a")
	require.NotEqual(p, begin.Epoch, fresh[0].Epoch)
	behind.ends(sse.ErrGap)
	atEnd.ends(sse.ErrGap)
	p.gap(broker, begin)
	for _, message := range all {
		p.gap(other, message.Position)
		p.gap(broker, sse.Position{Epoch: begin.Epoch, Offset: fresh[3].Offset})
	}
	require.Equal(p, fresh[9].Position, p.last(broker))
	p.equal(fresh[1:], p.within(broker, fresh[0].Position, 20, "a"))
	reader := p.follow(broker, fresh[9].Position)
	p.equal(p.fill(other, 1, "b"), reader.take(1))
}

// Nodes that find the log gone at the same time agree on the new one.
func testManyBeginAnew(p *probe) {
	brokers := []sse.Broker{p.open(), p.open(), p.open(), p.open()}
	before := p.fill(brokers[0], 3, "a")
	p.log.Forget(p.TB)
	var tasks sync.WaitGroup
	places := make([]sse.Position, len(brokers))
	for i, broker := range brokers {
		tasks.Go(func() {
			var err error
			if i%2 == 0 {
				places[i], err = broker.Publish(p.ctx, "a", []byte("data: x\n\n"))
			} else {
				places[i], err = broker.Last(p.ctx)
			}
			assert.NoError(p, err)
		})
	}
	tasks.Wait()
	for i := range places {
		require.Equal(p, places[0].Epoch, places[i].Epoch)
	}
	require.NotEqual(p, before[0].Epoch, places[0].Epoch)
	require.NotEqual(p, places[0], places[2])
}
