package sse_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func TestEventGolden(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]sse.Event{
		"all-fields": {Data: "world", Event: "send", ID: "100", Retry: time.Second, Comments: "comment"},
		"zero":       {},
		"named":      {Event: "done"},
		"heartbeat":  {Comments: "heartbeat"},
		"lines":      {Data: "LF\nCRLF\r\nCR\rempty\n\n: colon\n leading space\n", Comments: "one\r\ntwo"},
		"not-ascii":  {Data: "€豆腐 \x00\t\u2028", Event: "größe", Comments: "cut off: \xe2\x82"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "wire", name+".golden")
			got := encode(t, event)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// differences are the events that Chitor encodes otherwise than Ktor, by Ktor's
// bytes. The rest must be the same.
var differences = map[string]struct {
	wire   string // empty if the event is refused
	read   []sse.Event
	reason string
}{
	"\r\n":                                    {"data: \r\n\r\n", []sse.Event{{}}, "an event without any field is an empty message"},
	": \r\n\r\n":                              {"data: \r\n\r\n", []sse.Event{{}}, "an empty string is an absent field"},
	"event: done\r\n\r\n":                     {"event: done\r\ndata: \r\n\r\n", []sse.Event{{Event: "done"}}, "a type is always dispatched"},
	"id: 7\r\n\r\n":                           {"data: \r\nid: 7\r\n\r\n", []sse.Event{{ID: "7"}}, "an id is always dispatched"},
	"event: \r\ndata: x\r\n\r\n":              {"data: x\r\n\r\n", []sse.Event{{Data: "x"}}, "an empty string is an absent field"},
	"data: x\r\nid: \r\n\r\n":                 {"data: x\r\n\r\n", []sse.Event{{Data: "x"}}, "an empty string is an absent field"},
	"data: x\r\nretry: -1\r\n\r\n":            {reason: "a reader ignores it"},
	"event: a\r\nevent: b\r\ndata: x\r\n\r\n": {reason: "a reader would see another type"},
	"data: x\r\nid: 1\r\nid: 2\r\n\r\n":       {reason: "a reader would see another id"},
	"data: x\r\nid: a\x00b\r\n\r\n":           {reason: "a reader would see no id"},
}

func TestEventAgainstKtor(t *testing.T) {
	t.Parallel()
	rows := loadCases(t).KtorEncode
	require.Len(t, rows, 23)
	seen := 0
	for _, row := range rows {
		event := sse.Event{
			Data: row.Event.Data, Event: row.Event.Event, ID: row.Event.ID, Comments: row.Event.Comments,
			Retry: time.Duration(row.Event.Retry) * time.Millisecond,
		}
		ours, differs := differences[row.Bytes]
		if !differs {
			assert.Equal(t, row.Bytes, encode(t, event), row.Note)
			reader := sse.NewReader(strings.NewReader(row.Bytes))
			assert.Equal(t, row.Parsed.events(), withoutRetry(collect(t, reader)), "%q", row.Bytes)
			assert.Equal(t, row.ParsedLastEventID, reader.LastEventID(), "%q", row.Bytes)
			assertRetry(t, row.ParsedRetryMS, reader)
			continue
		}
		seen++
		if ours.wire == "" {
			wire, err := event.AppendText([]byte("before"))
			require.ErrorIs(t, err, sse.ErrInvalidEvent, ours.reason)
			assert.Equal(t, "before", string(wire))
			continue
		}
		wire := encode(t, event)
		assert.Equal(t, ours.wire, wire, ours.reason)
		assert.Equal(t, ours.read, collect(t, sse.NewReader(strings.NewReader(wire))), ours.reason)
	}
	assert.Equal(t, len(differences), seen, "every difference stands for a row")
}

func TestEventDataLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		event sse.Event
		want  string
	}{
		"comments":           {sse.Event{Comments: "x"}, ": x\r\n\r\n"},
		"retry":              {sse.Event{Retry: time.Second}, "retry: 1000\r\n\r\n"},
		"retry and comments": {sse.Event{Retry: time.Second, Comments: "x"}, "retry: 1000\r\n: x\r\n\r\n"},
		"id and comments":    {sse.Event{ID: "7", Comments: "x"}, "data: \r\nid: 7\r\n: x\r\n\r\n"},
		"type and retry":     {sse.Event{Event: "t", Retry: time.Second}, "event: t\r\ndata: \r\nretry: 1000\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, encode(t, test.event))
		})
	}
}

func TestEventLines(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]string{
		"":                      {""},
		"\n":                    {"", ""},
		"\r":                    {"", ""},
		"\r\n":                  {"", ""},
		"\n\r":                  {"", "", ""},
		"\r\r\n":                {"", "", ""},
		"\r\n\n\r":              {"", "", "", ""},
		"a\rb\nc\r\n":           {"a", "b", "c", ""},
		"\ra\r\rb":              {"", "a", "", "b"},
		"a\vb\fc\u0085d\u2028e": {"a\vb\fc\u0085d\u2028e"},
	} {
		t.Run(fmt.Sprintf("%q", data), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, "data: "+strings.Join(want, "\r\ndata: ")+"\r\n\r\n", encode(t, sse.Event{Data: data}))
			if data != "" {
				assert.Equal(t, ": "+strings.Join(want, "\r\n: ")+"\r\n\r\n", encode(t, sse.Event{Comments: data}))
			}
		})
	}
}

func TestEventRetryRoundsUp(t *testing.T) {
	t.Parallel()
	for retry, want := range map[time.Duration]string{
		1:                                "1",
		time.Millisecond:                 "1",
		time.Millisecond + 1:             "2",
		3*time.Second - time.Microsecond: "3000",
		math.MaxInt64:                    "9223372036855",
	} {
		assert.Equal(t, "retry: "+want+"\r\n\r\n", encode(t, sse.Event{Retry: retry}), retry.String())
	}
}

func TestEventRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct {
		event sse.Event
		want  string
	}{
		"LF in id":       {sse.Event{ID: "a\nb"}, `encode event: id "a\nb" is not printable ASCII`},
		"CR in id":       {sse.Event{ID: "a\r"}, `encode event: id "a\r" is not printable ASCII`},
		"NUL in id":      {sse.Event{ID: "\x00"}, `encode event: id "\x00" is not printable ASCII`},
		"0x1f in id":     {sse.Event{ID: "\x1f"}, `encode event: id "\x1f" is not printable ASCII`},
		"tab in id":      {sse.Event{ID: "a\tb"}, `encode event: id "a\tb" is not printable ASCII`},
		"DEL in id":      {sse.Event{ID: "a\x7f"}, `encode event: id "a\x7f" is not printable ASCII`},
		"letter in id":   {sse.Event{ID: "é"}, `encode event: id "é" is not printable ASCII`},
		"leading space":  {sse.Event{ID: " 1"}, `encode event: id " 1" begins or ends with a space, which clients cannot send back`},
		"trailing space": {sse.Event{ID: "1 "}, `encode event: id "1 " begins or ends with a space, which clients cannot send back`},
		"space as id":    {sse.Event{ID: " "}, `encode event: id " " begins or ends with a space, which clients cannot send back`},
		"LF in type":     {sse.Event{Event: "a\nb"}, `encode event: type "a\nb" has more than one line`},
		"CR in type":     {sse.Event{Event: "\rb"}, `encode event: type "\rb" has more than one line`},
		"negative retry": {sse.Event{Retry: -1}, `encode event: retry -1ns is negative`},
		"long id is cut": {sse.Event{ID: long + "\n"}, `encode event: id "` + long[:100] + `" is not printable ASCII`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.event.Data, test.event.Comments = "data", "comments"
			room := make([]byte, 6, 256)
			copy(room, "before")
			got, err := test.event.AppendText(room)
			require.ErrorIs(t, err, sse.ErrInvalidEvent)
			assert.EqualError(t, err, test.want)
			assert.Equal(t, "before", string(got))
			assert.Equal(t, make([]byte, 250), room[6:256], "nothing is written behind the end either")
		})
	}
}

func TestEventKeepsSpaces(t *testing.T) {
	t.Parallel()
	want := sse.Event{Data: "  two\n \n", Event: " type ", ID: "~i  d~"}
	wire := encode(t, want)
	assert.Equal(t, "event:  type \r\ndata:   two\r\ndata:  \r\ndata: \r\nid: ~i  d~\r\n\r\n", wire)
	assert.Equal(t, []sse.Event{want}, collect(t, sse.NewReader(strings.NewReader(wire))))
}

func TestIllFormedTypeIsReplaced(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a\x7f":    "a\x7f",
		"a\x80":    "a\ufffd",
		"\xff\xff": "\ufffd\ufffd",
	} {
		assert.Equal(t, "event: "+want+"\r\ndata: \r\n\r\n", encode(t, sse.Event{Event: name}), "%q", name)
	}
}

func TestEventAppendsWithoutAllocation(t *testing.T) {
	buf := make([]byte, 0, 8<<10)
	for _, event := range benchmarkEvents() {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			out, err := event.AppendText(buf)
			if err != nil || len(out) == 0 {
				t.Errorf("append: %d bytes, error %v", len(out), err)
			}
		}))
	}
}

func ExampleEvent_AppendText() {
	event := sse.Event{Event: "price", Data: "ACME\n42", ID: "7", Retry: 3 * time.Second}
	wire, err := event.AppendText(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", bytes.ReplaceAll(wire, []byte("\r\n"), []byte("\n")))
	// Output:
	// event: price
	// data: ACME
	// data: 42
	// id: 7
	// retry: 3000
}
