package brokertest

import (
	"math/rand/v2"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

func testPositionsGrow(p *probe) {
	first, second := p.open(), p.open()
	begin := p.last(first)
	var want []sse.Message
	for range 20 {
		want = append(want, p.fill(first, 2, "a", "b")...)
		want = append(want, p.fill(second, 1, "a")...)
		assert.Equal(p, want[len(want)-1].Position, p.last(first), "Last on the other node")
	}
	before := begin
	for _, message := range want {
		require.Equal(p, begin.Epoch, message.Epoch, "the epoch of %s", message.Position)
		require.Greater(p, message.Offset, before.Offset, "the offset after %s", before)
		before = message.Position
	}
	p.equal(want, p.within(second, begin, 100, "a", "b"))
}

func testEmptyLog(p *probe) {
	first, second := p.open(), p.open()
	begin := p.last(first)
	parsed, err := sse.ParsePosition(begin.String())
	require.NoError(p, err, "Last returns no position")
	require.Equal(p, begin, parsed)
	require.Equal(p, begin, p.last(first), "Last once more")
	require.Equal(p, begin, p.last(second), "Last on another node")
	require.Empty(p, p.within(second, begin, 10, "a"))
	only := p.publish(second, "a", "data: x\n\n")
	require.Equal(p, begin.Epoch, only.Epoch)
	require.Greater(p, only.Offset, begin.Offset)
	parsed, err = sse.ParsePosition(only.String())
	require.NoError(p, err, "Publish returns no position")
	require.Equal(p, only.Position, parsed)
	p.equal([]sse.Message{only}, p.within(first, begin, 10, "a"))
}

func testAnyBytes(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	large := make([]byte, 256<<10)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(large)
	var want []sse.Message
	for _, data := range []string{"x", "\r\n", "\x00", string(every), strings.Repeat("\n", 5000), string(large), "data: last\n\n"} {
		want = append(want, p.publish(broker, "a", data))
	}
	p.equal(want, p.within(broker, begin, 100, "a"))
	p.equal(want, p.follow(broker, begin).take(len(want)))
}

// topics are names with a meaning to some engine, and names that one might take
// for another.
var topics = [...]string{
	"a", "A", "a ", " a", " ", "a.b", "a.b.", ".a", "a..b", ".", "..", "*", "a.*", ">", "a.>", "a*", "a?", "[a]",
	"/", "a/b", "/a/b/", "a\\b", "$SYS", "$JS.API", "_INBOX", "{a}", "a:b", "a-b", "a_b", "a%2Eb", "a+b", "a=b", "a,b",
	"a\tb", "a\nb", "a\r\nb", "\x00", "a\x00", "ä", "a\u0308", "日本", "🙂", "\xff\xfe", "0", "1-1", "null", `"a"`, "'a'",
}

func testAnyTopic(p *probe) {
	broker := p.open()
	begin := p.last(broker)
	names := append(topics[:], strings.Repeat("long", 250), strings.Repeat("long", 250)+".", strings.Repeat("l.", 500))
	var want []sse.Message
	for _, topic := range names {
		want = append(want, p.publish(broker, topic, "data: "+topic))
	}
	p.equal(want, p.follow(p.open(), begin).take(len(want)))
	p.equal(want, p.within(broker, begin, 1000, names...))
	for i, topic := range names {
		p.equal(want[i:i+1], p.within(broker, begin, 1000, topic))
	}
	require.Empty(p, p.within(broker, begin, 1000, "b"))
}
