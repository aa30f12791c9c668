package sse_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// streamCases is testdata/event-stream-cases.json, without the cases that are
// about HTTP.
type streamCases struct {
	ParseCases []struct {
		ID                 string   `json:"id"`
		Title              string   `json:"title"`
		Input              string   `json:"input"`
		Events             messages `json:"events"`
		FinalLastEventID   string   `json:"final_last_event_id"`
		ReconnectionTimeMS *int64   `json:"reconnection_time_ms"`
		ChunkSizes         []int    `json:"chunk_sizes"`
		ChunkEvery         int      `json:"chunk_every"`
	} `json:"parse_cases"`
	KtorEncode []struct {
		Event struct {
			Data, Event, ID, Comments string
			Retry                     int64
		} `json:"event"`
		Bytes             string   `json:"bytes"`
		Parsed            messages `json:"parsed"`
		ParsedLastEventID string   `json:"parsed_last_event_id"`
		ParsedRetryMS     *int64   `json:"parsed_retry_ms"`
		Note              string   `json:"note"`
	} `json:"ktor_encode"`
}

// messages are events as a browser shows them.
type messages []struct {
	Type        string `json:"type"`
	Data        string `json:"data"`
	LastEventID string `json:"lastEventId"`
}

func (m messages) events() []sse.Event {
	var events []sse.Event
	for _, message := range m {
		event := sse.Event{Data: message.Data, Event: message.Type, ID: message.LastEventID}
		if event.Event == "message" {
			event.Event = ""
		}
		events = append(events, event)
	}
	return events
}

func loadCases(t testing.TB) streamCases {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "event-stream-cases.json"))
	require.NoError(t, err)
	var cases streamCases
	require.NoError(t, json.Unmarshal(text, &cases))
	return cases
}

// withoutRetry makes events comparable with those of a browser, which does not
// show the retry field.
func withoutRetry(events []sse.Event) []sse.Event {
	for i := range events {
		events[i].Retry = 0
	}
	return events
}

func assertRetry(t testing.TB, wantMS *int64, reader *sse.Reader) {
	t.Helper()
	got, ok := reader.Retry()
	if wantMS == nil {
		assert.False(t, ok, "retry is unchanged, but was %v", got)
		return
	}
	assert.True(t, ok)
	assert.Equal(t, time.Duration(*wantMS)*time.Millisecond, got)
}

// collect returns all events of a stream that must end cleanly.
func collect(t testing.TB, reader *sse.Reader) []sse.Event {
	t.Helper()
	var events []sse.Event
	for event, err := range reader.All() {
		require.NoError(t, err)
		events = append(events, event)
	}
	return events
}

// readAll returns what a Reader yields, as text where it is an error.
func readAll(reader *sse.Reader) ([]sse.Event, any) {
	var events []sse.Event
	for event, err := range reader.All() {
		if err != nil {
			return events, err.Error()
		}
		events = append(events, event)
	}
	return events, nil
}

// chunked serves text in reads of the given sizes; the last size holds for the
// rest.
type chunked struct {
	text  string
	sizes []int
	last  error // what the end of text is reported with
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, c.last
	}
	size := len(c.text)
	if len(c.sizes) > 0 {
		size = min(size, c.sizes[0])
	}
	if len(c.sizes) > 1 {
		c.sizes = c.sizes[1:]
	}
	n := copy(p[:min(size, len(p))], c.text)
	c.text = c.text[n:]
	return n, nil
}

func inChunks(text string, sizes ...int) *chunked {
	return &chunked{text: text, sizes: sizes, last: io.EOF}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// endless repeats the same bytes for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// encode returns the bytes of an event that must be valid.
func encode(t testing.TB, event sse.Event) string {
	t.Helper()
	wire, err := event.AppendText(nil)
	require.NoError(t, err)
	return string(wire)
}

// benchmarkEvents returns the two events that encoders are compared with, and
// the same long one in other scripts and with other line ends.
func benchmarkEvents() map[string]sse.Event {
	lines := func(line, end string) sse.Event {
		return sse.Event{Event: "update", ID: "1234567890", Data: strings.TrimSuffix(strings.Repeat(line+end, 64), end)}
	}
	return map[string]sse.Event{
		"100B":      {Event: "update", ID: "1234567890", Data: strings.Repeat("x", 67)},
		"4KiB/LF":   lines(strings.Repeat("x", 63), "\n"),
		"4KiB/CRLF": lines(strings.Repeat("x", 62), "\r\n"),
		"4KiB/CJK":  lines(strings.Repeat("豆", 21), "\n"),
	}
}

// lineFeeds makes every line end an LF.
func lineFeeds(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// repair is the UTF-8 decoder of the Encoding standard, section 8.1.1, step by
// step.
func repair(text string) string {
	var out strings.Builder
	start, needed := 0, 0
	lower, upper := byte(0x80), byte(0xbf)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if needed > 0 {
			if c < lower || c > upper {
				out.WriteRune(utf8.RuneError)
				needed, lower, upper = 0, 0x80, 0xbf
				i-- // c is looked at again, as the beginning of something else
				continue
			}
			needed, lower, upper = needed-1, 0x80, 0xbf
			if needed == 0 {
				out.WriteString(text[start : i+1])
			}
			continue
		}
		start = i
		switch {
		case c < 0x80:
			out.WriteByte(c)
		case c >= 0xc2 && c <= 0xdf:
			needed = 1
		case c >= 0xe0 && c <= 0xef:
			needed = 2
		case c >= 0xf0 && c <= 0xf4:
			needed = 3
		default:
			out.WriteRune(utf8.RuneError)
		}
		switch c {
		case 0xe0:
			lower = 0xa0
		case 0xed:
			upper = 0x9f
		case 0xf0:
			lower = 0x90
		case 0xf4:
			upper = 0x8f
		}
	}
	if needed > 0 {
		out.WriteRune(utf8.RuneError)
	}
	return out.String()
}
