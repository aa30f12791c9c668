package sse_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

func TestReaderLimits(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	small := func(c *sse.ReaderConfig) { c.MaxEvent = 20 }
	for name, test := range map[string]struct {
		stream    string
		configure func(*sse.ReaderConfig)
		limit     int // what the stream exceeds; 0: one event
	}{
		"line":                   {"data:" + x(20) + "\n\n", small, 0},
		"line with a space":      {"data: " + x(20) + "\n\n", small, 0},
		"line with CRLF":         {"data: " + x(20) + "\r\n\r\n", small, 0},
		"line over":              {"data:" + x(21) + "\n\n", small, 20},
		"long comment":           {":" + x(25) + "\ndata:\n\n", small, 0},
		"comment over":           {":" + x(26) + "\n\n", small, 20},
		"long ID":                {"id: " + x(22) + "\ndata:\n\n", small, 0},
		"ID over":                {"id: " + x(23) + "\n\n", small, 20},
		"line without end over":  {x(27), small, 20},
		"event":                  {"data:" + x(10) + "\ndata:" + x(9) + "\n\n", small, 0},
		"event over":             {"data:" + x(10) + "\ndata:" + x(10) + "\n\n", small, 20},
		"event of no bytes over": {strings.Repeat("data\n", 22) + "\n", small, 20},
		"repaired event over":    {"data:" + strings.Repeat("\xff", 7) + "\n\n", small, 20},
		"default line":           {"data: " + x(1<<20) + "\n\n", nil, 0},
		"default line over":      {"data: " + x(1<<20+1) + "\n\n", nil, 1 << 20},
		"default event":          {strings.Repeat("data:"+x(1023)+"\n", 1024) + "data:\n\n", nil, 0},
		"default event over":     {strings.Repeat("data:"+x(1023)+"\n", 1024) + "data:x\n\n", nil, 1 << 20},
		"no limit":               {strings.Repeat("data:"+x(128<<10)+"\n", 10) + "\n", func(c *sse.ReaderConfig) { c.MaxEvent = 0 }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, stream := range []io.Reader{strings.NewReader(test.stream), inChunks(test.stream, 5)} {
				events, err := 0, error(nil)
				var configure []func(*sse.ReaderConfig)
				if test.configure != nil {
					configure = append(configure, test.configure)
				}
				reader := sse.NewReader(stream, configure...)
				for event, failure := range reader.All() {
					if failure != nil {
						err = failure
						assert.Zero(t, event)
						continue
					}
					events++
				}
				if test.limit == 0 {
					require.NoError(t, err)
					assert.Equal(t, 1, events)
					continue
				}
				assert.Zero(t, events)
				var limit *sse.LimitError
				require.ErrorAs(t, err, &limit)
				assert.Equal(t, test.limit, limit.Limit)
				assert.Empty(t, collect(t, reader), "a failed reader has ended")
			}
		})
	}
}

func TestLimitErrorNamesTheLimit(t *testing.T) {
	t.Parallel()
	reader := sse.NewReader(strings.NewReader("data: 12345\n\n"), func(c *sse.ReaderConfig) { c.MaxEvent = 4 })
	for _, err := range reader.All() {
		assert.EqualError(t, err, "read event stream: stream exceeds MaxEvent of 4 bytes")
	}
}

func TestReaderMemoryIsBounded(t *testing.T) {
	// Each line for itself is harmless, and none of them ends an event.
	for _, line := range []string{": heartbeat\n", "id: 7\n", "event: tick\n", "retry: 1\n", "unknown: field\n", "\r"} {
		allocations := testing.AllocsPerRun(1, func() {
			for _, err := range sse.NewReader(io.LimitReader(&endless{text: line}, 64<<10)).All() {
				t.Errorf("%q: unexpected event or error %v", line, err)
			}
		})
		assert.Less(t, allocations, 20.0, "%q", line)
	}
	// What would have to be held ends the stream soon after the limit.
	for _, text := range []string{"x", "data: x\n", "data\r"} {
		source := &endless{text: text}
		read := 0
		counting := readerFunc(func(p []byte) (int, error) {
			n, err := source.Read(p)
			read += n
			return n, err
		})
		reader := sse.NewReader(counting, func(c *sse.ReaderConfig) { c.MaxEvent = 64 << 10 })
		_, failure := readAll(reader)
		require.NotNil(t, failure, "%q", text)
		assert.LessOrEqual(t, read, len(text)*(64+4)<<10, "%q", text)
	}
}

func TestReaderAllocatesTheDataOnly(t *testing.T) {
	reader := sse.NewReader(&endless{text: "event: tick\nid: 7\ndata: some text\ndata: more text\n\n"})
	next := func() {
		for event, err := range reader.All() {
			if err != nil || event.Event != "tick" {
				t.Errorf("unexpected event %v, error %v", event, err)
			}
			break
		}
	}
	next()
	// The string and the loop itself; the type and the ID are those of the
	// event before.
	assert.LessOrEqual(t, testing.AllocsPerRun(100, next), 3.0)
}
