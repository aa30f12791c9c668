package sse_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// FuzzEncodeThenRead checks that a reader gets what was sent, and that no text
// gets out of its own field.
func FuzzEncodeThenRead(f *testing.F) {
	f.Add("data", "type", "id", "comments", int64(time.Second))
	f.Add("", "", "", "", int64(0))
	f.Add("a\r\nb\rc\n\ndata: x\nid: 1", " type", "~i d~", "\r\n\r\ndata: x\r\n\r\n", int64(1))
	f.Add("\ufeff\xe2\x82\r\x80", "\xff", "", ": \xc0\x8a", int64(0))
	f.Add("x", "", "", "", int64(-1))
	f.Add("x", "a\nb", "1\x00", "", int64(1)<<62)
	f.Fuzz(func(t *testing.T, data, eventType, id, comments string, retry int64) {
		event := sse.Event{Data: data, Event: eventType, ID: id, Retry: time.Duration(retry), Comments: comments}
		wire, err := event.AppendText([]byte("before"))
		printable := !strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) && id == strings.Trim(id, " ")
		if !printable || strings.ContainsAny(eventType, "\r\n") || retry < 0 {
			require.ErrorIs(t, err, sse.ErrInvalidEvent)
			require.Equal(t, "before", string(wire))
			return
		}
		require.NoError(t, err)
		text, found := strings.CutPrefix(string(wire), "before")
		require.True(t, found)
		checkLines(t, event, text)

		var want []sse.Event
		if data != "" || eventType != "" || id != "" || (retry == 0 && comments == "") {
			want = append(want, sse.Event{
				Data: repair(lineFeeds(data)), Event: repair(eventType), ID: id, Retry: onTheWire(event.Retry),
			})
		}
		reader := sse.NewReader(strings.NewReader(text), func(c *sse.ReaderConfig) { c.MaxEvent = 0 })
		assert.Equal(t, want, collect(t, reader))
		wait, ok := reader.Retry()
		assert.Equal(t, retry > 0, ok)
		assert.Equal(t, onTheWire(event.Retry), wait)
	})
}

// checkLines checks that text is one block of well-formed lines, as many of
// each name as event calls for.
func checkLines(t *testing.T, event sse.Event, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	block, found := strings.CutSuffix(text, "\r\n\r\n")
	require.True(t, found)
	counts := map[string]int{}
	for line := range strings.SplitSeq(block, "\r\n") {
		require.NotContains(t, line, "\r")
		require.NotContains(t, line, "\n")
		name, _, found := strings.Cut(line, ": ")
		require.True(t, found, "%q", line)
		require.Contains(t, []string{"event", "data", "id", "retry", ""}, name, "%q", line)
		counts[name]++
	}
	one := func(present bool) int {
		if present {
			return 1
		}
		return 0
	}
	assert.Equal(t, one(event.Event != ""), counts["event"])
	assert.Equal(t, one(event.ID != ""), counts["id"])
	assert.Equal(t, one(event.Retry != 0), counts["retry"])
	assert.Equal(t, one(event.Comments != "")*(1+strings.Count(lineFeeds(event.Comments), "\n")), counts[""])
	if counts["data"] > 0 {
		assert.Equal(t, 1+strings.Count(lineFeeds(event.Data), "\n"), counts["data"])
	}
}

// onTheWire is retry in whole milliseconds, or the longest Duration if it would
// not fit.
func onTheWire(retry time.Duration) time.Duration {
	if rest := retry % time.Millisecond; rest > 0 {
		retry += time.Millisecond - rest
	}
	if retry < 0 {
		return 1<<63 - 1
	}
	return retry
}
