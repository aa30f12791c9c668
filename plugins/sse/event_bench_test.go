package sse_test

import (
	"strings"
	"testing"

	"github.com/chitor-go/chitor/plugins/sse"
)

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

func BenchmarkEventAppendText(b *testing.B) {
	for name, event := range benchmarkEvents() {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 8<<10)
			b.ReportAllocs()
			for b.Loop() {
				out, err := event.AppendText(buf)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(out)))
			}
		})
	}
}
