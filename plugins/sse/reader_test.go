package sse_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

func TestReaderCases(t *testing.T) {
	t.Parallel()
	cases := loadCases(t).ParseCases
	require.Len(t, cases, 77)
	for _, test := range cases {
		t.Run(test.ID, func(t *testing.T) {
			t.Parallel()
			streams := map[string]io.Reader{
				"whole":          strings.NewReader(test.Input),
				"end with data":  iotest.DataErrReader(strings.NewReader(test.Input)),
				"byte by byte":   inChunks(test.Input, 1),
				"two by two":     inChunks(test.Input, 2),
				"three by three": inChunks(test.Input, 3),
				"seven by seven": inChunks(test.Input, 7),
			}
			if test.ChunkEvery > 0 {
				streams[fmt.Sprintf("chunks of %d", test.ChunkEvery)] = inChunks(test.Input, test.ChunkEvery)
			}
			if len(test.ChunkSizes) > 0 {
				streams[fmt.Sprintf("chunks %v", test.ChunkSizes)] = inChunks(test.Input, test.ChunkSizes...)
			}
			for name, stream := range streams {
				reader := sse.NewReader(stream)
				assert.Equal(t, test.Events.events(), withoutRetry(collect(t, reader)), name)
				assert.Equal(t, test.FinalLastEventID, reader.LastEventID(), name)
				assertRetry(t, test.ReconnectionTimeMS, reader)
			}
		})
	}
}

func TestReaderDoesNotWaitAfterCR(t *testing.T) {
	t.Parallel()
	for _, chunk := range []string{"data: x\r\r", "data: x\r\n\r", "data: x\n\r", "data: x\r\n\r\n"} {
		reads := 0
		reader := sse.NewReader(readerFunc(func(p []byte) (int, error) {
			reads++
			switch reads {
			case 1:
				return copy(p, chunk), nil
			case 2:
				return copy(p, "\ndata: y\n\n"), nil
			default:
				return 0, io.EOF
			}
		}))
		var got []string
		for event, err := range reader.All() {
			require.NoError(t, err)
			got = append(got, event.Data)
			assert.Equal(t, len(got), reads, "%q: an event is delivered before the next read", chunk)
		}
		assert.Equal(t, []string{"x", "y"}, got, "%q", chunk)
	}
}

func TestReaderState(t *testing.T) {
	t.Parallel()
	reader := sse.NewReader(inChunks("retry: 5\nid: 2\ndata: b\n\nid: 3\ndata: c", 1), func(c *sse.ReaderConfig) {
		c.LastEventID = "1"
	})
	assert.Equal(t, "1", reader.LastEventID())
	_, ok := reader.Retry()
	assert.False(t, ok)
	for event, err := range reader.All() {
		require.NoError(t, err)
		assert.Equal(t, sse.Event{Data: "b", ID: "2", Retry: 5 * time.Millisecond}, event)
		assert.Equal(t, "2", reader.LastEventID())
	}
	assert.Equal(t, "2", reader.LastEventID(), "the id of an incomplete event does not count")
	retry, ok := reader.Retry()
	assert.True(t, ok)
	assert.Equal(t, 5*time.Millisecond, retry)
}

// Servers that leave out the last blank line lose their last event, as the
// standard says, unless it is asked for. A stream that breaks off has none.
func TestReaderOfUnfinishedEvents(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for name, test := range map[string]struct {
		stream string
		want   []sse.Event
		id     string
	}{
		"after a line":       {"data: a\n\nid: 2\ndata: b\n", []sse.Event{{Data: "a"}, {Data: "b", ID: "2"}}, "2"},
		"after CR":           {"data: a\r\n\r\ndata: b\r", []sse.Event{{Data: "a"}, {Data: "b"}}, ""},
		"within a line":      {"data: a\n\nid: 2\ndata: b", []sse.Event{{Data: "a"}, {Data: "b", ID: "2"}}, "2"},
		"within a character": {"data: a\n\ndata: \xe2\x82", []sse.Event{{Data: "a"}, {Data: "\ufffd"}}, ""},
		"within a comment":   {"data: a\n:b", []sse.Event{{Comments: "b"}, {Data: "a"}}, ""},
		"one line alone":     {"\ufeffdata", []sse.Event{{}}, ""},
		"no event":           {"data: a\n\nid: 2\nevent: b", []sse.Event{{Data: "a"}}, "2"},
		"finished":           {"data: a\n\n", []sse.Event{{Data: "a"}}, ""},
		"nothing":            {"", nil, ""},
	} {
		for _, size := range []int{1, 4, 100} {
			reader := sse.NewReader(inChunks(test.stream, size), func(c *sse.ReaderConfig) { c.Unfinished, c.Comments = true, true })
			assert.Equal(t, test.want, collect(t, reader), name)
			assert.Equal(t, test.id, reader.LastEventID(), name)
			assert.Empty(t, collect(t, reader), "%s: it is over", name)

			stream := inChunks(test.stream, size)
			stream.last = broken
			reader = sse.NewReader(stream, func(c *sse.ReaderConfig) { c.Unfinished = true })
			for event, err := range reader.All() {
				if err != nil {
					assert.ErrorIs(t, err, broken)
				} else {
					assert.Equal(t, "a", event.Data, "%s: only what is whole", name)
				}
			}
		}
	}
}

func TestReaderKeepsInitialID(t *testing.T) {
	t.Parallel()
	reader := sse.NewReader(strings.NewReader("data: a\n\nid: 9\n\ndata: b\n\nid\ndata: c\n\n"), func(c *sse.ReaderConfig) {
		c.LastEventID = "1"
	})
	assert.Equal(t, []sse.Event{{Data: "a", ID: "1"}, {Data: "b", ID: "9"}, {Data: "c"}}, collect(t, reader))
	assert.Empty(t, reader.LastEventID())
}

func TestReaderRetry(t *testing.T) {
	t.Parallel()
	const longest = time.Duration(math.MaxInt64)
	for value, want := range map[string]time.Duration{
		"0":                    0,
		"0007":                 7 * time.Millisecond,
		"9223372036854":        9223372036854 * time.Millisecond,
		"9223372036855":        longest,
		"9223372036854775808":  longest,
		"99999999999999999999": longest,
	} {
		reader := sse.NewReader(strings.NewReader("retry: " + value + "\ndata\n\ndata\n\n"))
		assert.Equal(t, []sse.Event{{Retry: want}, {}}, collect(t, reader), value)
		got, ok := reader.Retry()
		assert.True(t, ok, value)
		assert.Equal(t, want, got, value)
	}
	for _, value := range []string{"", "-1", "+1", "1.0", "1_0", "0x1", "١", "1 ", "\xff"} {
		reader := sse.NewReader(strings.NewReader("retry: " + value + "\ndata\n\n"))
		assert.Equal(t, []sse.Event{{}}, collect(t, reader), value)
		_, ok := reader.Retry()
		assert.False(t, ok, value)
	}
}

func TestReaderComments(t *testing.T) {
	t.Parallel()
	const stream = ": one\r\n:two\r\n\r\n:\r\n: \r\ndata: x\r\n:  three \xff\r\ndata: y\r\n\r\n: last"
	assert.Equal(t, []sse.Event{{Data: "x\ny"}}, collect(t, sse.NewReader(strings.NewReader(stream))))
	withComments := sse.NewReader(strings.NewReader(stream), func(c *sse.ReaderConfig) { c.Comments = true })
	assert.Equal(t, []sse.Event{
		{Comments: "one"}, {Comments: "two"}, {Comments: " three \ufffd"}, {Data: "x\ny"},
	}, collect(t, withComments))
}

func TestReaderRepairsUTF8(t *testing.T) {
	t.Parallel()
	// The examples of the Unicode standard, section 3.9, tables 3-8 to 3-11,
	// and characters cut off by a line end.
	for value, want := range map[string]string{
		"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82A": strings.Repeat("\ufffd", 8) + "A",
		"\xed\xa0\x80\xed\xbf\xbf\xed\xafA": strings.Repeat("\ufffd", 8) + "A",
		"\xf4\x91\x92\x93\xffA\x80\xbfB":    strings.Repeat("\ufffd", 5) + "A" + "\ufffd\ufffdB",
		"\xe1\x80\xe2\xf0\x91\x92\xf1\xbfA": strings.Repeat("\ufffd", 4) + "A",
		"\xe2\x82":                          "\ufffd",
		"€\xf0\x9f\x98":                     "€\ufffd",
		"\ufffd":                            "\ufffd",
	} {
		reader := sse.NewReader(inChunks("event: "+value+"\rid: "+value+"\r\ndata: "+value+"\n\n", 1))
		assert.Equal(t, []sse.Event{{Data: want, Event: want, ID: want}}, collect(t, reader), "%q", value)
		assert.Equal(t, want, reader.LastEventID())
	}
}

func TestReaderErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		last error
		want error
	}{
		"end":            {io.EOF, nil},
		"cut off":        {io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		"broken":         {broken, broken},
		"end of another": {fmt.Errorf("proxy: %w", io.EOF), io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := inChunks("data: x\n\ndata: y\n")
			source.last = test.last
			for _, stream := range []io.Reader{source, iotest.DataErrReader(&chunked{text: source.text, last: test.last})} {
				var events []sse.Event
				var failures []error
				reader := sse.NewReader(stream)
				for range 2 {
					for event, err := range reader.All() {
						if err != nil {
							failures = append(failures, err)
							continue
						}
						events = append(events, event)
					}
				}
				assert.Equal(t, []sse.Event{{Data: "x"}}, events)
				if test.want == nil {
					assert.Empty(t, failures)
					continue
				}
				require.Len(t, failures, 1, "an error is yielded once, whatever the number of loops")
				require.ErrorIs(t, failures[0], test.want)
				assert.EqualError(t, failures[0], "read event stream: "+test.last.Error())
			}
		})
	}
}

func TestReaderToleratesSomeEmptyReads(t *testing.T) {
	t.Parallel()
	reads := 0
	reader := sse.NewReader(readerFunc(func(p []byte) (int, error) {
		reads++
		if reads == 50 {
			return copy(p, "data: x\n\n"), nil
		}
		return 0, nil
	}))
	next, stop := iter.Pull2(reader.All())
	defer stop()
	event, err, _ := next()
	require.NoError(t, err)
	assert.Equal(t, sse.Event{Data: "x"}, event)
	_, err, _ = next()
	require.ErrorIs(t, err, io.ErrNoProgress)
	assert.Less(t, reads, 200)
}

func TestReaderKeepsTheTypeAsSent(t *testing.T) {
	t.Parallel()
	reader := sse.NewReader(strings.NewReader("event: message\ndata: x\n\nevent:\ndata: y\n\n"))
	assert.Equal(t, []sse.Event{{Event: "message", Data: "x"}, {Data: "y"}}, collect(t, reader))
}

func TestReaderCanBeLeftAndTakenUpAgain(t *testing.T) {
	t.Parallel()
	reader := sse.NewReader(strings.NewReader("id: 1\ndata: a\r\n\r\ndata: b\n\nevent: c\ndata: c\n\n"))
	var got []sse.Event
	for range 5 {
		for event, err := range reader.All() {
			require.NoError(t, err)
			got = append(got, event)
			break
		}
	}
	assert.Equal(t, []sse.Event{{Data: "a", ID: "1"}, {Data: "b", ID: "1"}, {Event: "c", Data: "c", ID: "1"}}, got)
}

func ExampleReader_All() {
	body := strings.NewReader("event: price\ndata: ACME\ndata: 42\nid: 7\n\n: heartbeat\n\ndata: bye\n\n")
	reader := sse.NewReader(body)
	for event, err := range reader.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q %q\n", event.Event, event.Data)
	}
	fmt.Println("resume after", reader.LastEventID())
	// Output:
	// "price" "ACME\n42"
	// "" "bye"
	// resume after 7
}
