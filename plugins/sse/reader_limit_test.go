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
	small := func(c *sse.ReaderConfig) { c.MaxLine, c.MaxEvent = 16, 20 }
	for name, test := range map[string]struct {
		stream    string
		configure []func(*sse.ReaderConfig)
		want      error // nil: one event
	}{
		"line":                   {"data:" + x(11) + "\n\n", []func(*sse.ReaderConfig){small}, nil},
		"line with CRLF":         {"data:" + x(11) + "\r\n\r\n", []func(*sse.ReaderConfig){small}, nil},
		"line over":              {"data:" + x(12) + "\n\n", []func(*sse.ReaderConfig){small}, &sse.LimitError{Name: "MaxLine", Limit: 16}},
		"comment over":           {":" + x(16) + "\n\n", []func(*sse.ReaderConfig){small}, &sse.LimitError{Name: "MaxLine", Limit: 16}},
		"line without end over":  {x(17), []func(*sse.ReaderConfig){small}, &sse.LimitError{Name: "MaxLine", Limit: 16}},
		"event":                  {"data:" + x(10) + "\ndata:" + x(9) + "\n\n", []func(*sse.ReaderConfig){small}, nil},
		"event over":             {"data:" + x(10) + "\ndata:" + x(10) + "\n\n", []func(*sse.ReaderConfig){small}, &sse.LimitError{Name: "MaxEvent", Limit: 20}},
		"event of no bytes over": {strings.Repeat("data\n", 22) + "\n", []func(*sse.ReaderConfig){small}, &sse.LimitError{Name: "MaxEvent", Limit: 20}},
		"repaired event over":    {"data:" + strings.Repeat("\xff", 7) + "\n\n", []func(*sse.ReaderConfig){small}, &sse.LimitError{Name: "MaxEvent", Limit: 20}},
		"default line":           {"data:" + x(64<<10-5) + "\n\n", nil, nil},
		"default line over":      {"data:" + x(64<<10-4) + "\n\n", nil, &sse.LimitError{Name: "MaxLine", Limit: 64 << 10}},
		"default event":          {strings.Repeat("data:"+x(1023)+"\n", 1024) + "data:\n\n", nil, nil},
		"default event over":     {strings.Repeat("data:"+x(1023)+"\n", 1024) + "data:x\n\n", nil, &sse.LimitError{Name: "MaxEvent", Limit: 1 << 20}},
		"no limit": {strings.Repeat("data:"+x(128<<10)+"\n", 10) + "\n", []func(*sse.ReaderConfig){func(c *sse.ReaderConfig) {
			c.MaxLine, c.MaxEvent = 0, 0
		}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, stream := range []io.Reader{strings.NewReader(test.stream), inChunks(test.stream, 5)} {
				events, err := 0, error(nil)
				reader := sse.NewReader(stream, test.configure...)
				for event, failure := range reader.All() {
					if failure != nil {
						err = failure
						assert.Zero(t, event)
						continue
					}
					events++
				}
				if test.want == nil {
					require.NoError(t, err)
					assert.Equal(t, 1, events)
					continue
				}
				assert.Zero(t, events)
				var limit *sse.LimitError
				require.ErrorAs(t, err, &limit)
				assert.Equal(t, test.want, limit)
				assert.Empty(t, collect(t, reader), "a failed reader has ended")
			}
		})
	}
}

func TestLimitErrorNamesTheLimit(t *testing.T) {
	t.Parallel()
	reader := sse.NewReader(strings.NewReader("data: 12345\n\n"), func(c *sse.ReaderConfig) { c.MaxLine = 8 })
	for _, err := range reader.All() {
		assert.EqualError(t, err, "read event stream: stream exceeds MaxLine of 8 bytes")
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
		reader := sse.NewReader(counting, func(c *sse.ReaderConfig) { c.MaxLine, c.MaxEvent = 32<<10, 64<<10 })
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
