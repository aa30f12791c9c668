package sse_test

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// FuzzReader checks the Reader against a plain transcription of the standard,
// that neither the size of the chunks nor a limit changes what is read before
// the limit, and that what is missing at the end can be taken as said.
func FuzzReader(f *testing.F) {
	for _, test := range loadCases(f).ParseCases {
		f.Add(test.Input, uint8(test.ChunkEvery))
	}
	f.Add("\ufeffdata: \xe2\x82\r\rid: \xff\n\nretry: 99999999999999999999\ndata\n\n", uint8(3))
	f.Fuzz(func(t *testing.T, stream string, every uint8) {
		unlimited := func(c *sse.ReaderConfig) { c.MaxEvent = 0 }
		want, wantID := transcribed(stream)
		chunks := map[string]func() io.Reader{
			"whole":        func() io.Reader { return strings.NewReader(stream) },
			"byte by byte": func() io.Reader { return inChunks(stream, 1) },
			"in chunks":    func() io.Reader { return inChunks(stream, int(every)+1) },
			"uneven":       func() io.Reader { return inChunks(stream, int(every)+1, 1, 2, int(every)/2+1) },
		}
		for name, open := range chunks {
			reader := sse.NewReader(open(), unlimited)
			assert.Equal(t, want, collect(t, reader), name)
			assert.Equal(t, wantID, reader.LastEventID(), name)
		}

		unfinished := func(c *sse.ReaderConfig) { c.MaxEvent, c.Unfinished = 0, true }
		whole, wholeID := transcribed(stream + "\n\n")
		for name, open := range chunks {
			reader := sse.NewReader(open(), unfinished)
			assert.Equal(t, whole, collect(t, reader), "%s, as if its last lines were there", name)
			assert.Equal(t, wholeID, reader.LastEventID(), name)
		}

		limited := func(c *sse.ReaderConfig) { c.MaxEvent, c.Comments = 20, true }
		events, failure := readAll(sse.NewReader(strings.NewReader(stream), limited))
		for name, open := range chunks {
			got, err := readAll(sse.NewReader(open(), limited))
			require.Equal(t, events, got, name)
			require.Equal(t, failure, err, name)
		}
		var dispatched []sse.Event
		for _, event := range events {
			// A byte that is not UTF-8 grows to the three of U+FFFD.
			require.LessOrEqual(t, max(len(event.Event), len(event.ID), len(event.Comments)), 3*(20+len("data: ")))
			require.LessOrEqual(t, len(event.Data), 20)
			if event.Comments == "" {
				dispatched = append(dispatched, event)
			}
		}
		require.LessOrEqual(t, len(dispatched), len(want))
		require.True(t, slices.Equal(want[:len(dispatched)], dispatched), "%v begin with %v", want, dispatched)
		if failure == nil {
			require.Len(t, dispatched, len(want))
		}
	})
}

// transcribed reads a whole stream as the HTML standard says it, sections 9.2.5
// and 9.2.6, with no thought of cost. It returns the events and the last event
// ID.
func transcribed(stream string) ([]sse.Event, string) {
	var events []sse.Event
	var data, eventType, id, lastEventID string
	var retry time.Duration
	text := lineFeeds(strings.TrimPrefix(repair(stream), "\ufeff"))
	for line := range strings.SplitAfterSeq(text, "\n") {
		line, ended := strings.CutSuffix(line, "\n")
		if !ended {
			break
		}
		if line == "" {
			lastEventID = id
			if data != "" {
				event := sse.Event{Data: strings.TrimSuffix(data, "\n"), Event: eventType, ID: lastEventID, Retry: retry}
				events = append(events, event)
			}
			data, eventType, retry = "", "", 0
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "data":
			data += value + "\n"
		case "event":
			eventType = value
		case "id":
			if !strings.Contains(value, "\x00") {
				id = value
			}
		case "retry":
			if value != "" && strings.Trim(value, "0123456789") == "" {
				ms, err := strconv.ParseUint(value, 10, 64)
				retry = 1<<63 - 1
				if err == nil && ms <= uint64(retry/time.Millisecond) {
					retry = time.Duration(ms) * time.Millisecond
				}
			}
		}
	}
	return events, lastEventID
}
