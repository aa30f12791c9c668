package sse_test

import (
	"testing"

	"github.com/chitor-go/chitor/plugins/sse"
)

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

func BenchmarkReader(b *testing.B) {
	for name, event := range benchmarkEvents() {
		b.Run(name, func(b *testing.B) {
			wire := encode(b, event)
			b.SetBytes(int64(len(wire)))
			b.ReportAllocs()
			for _, err := range sse.NewReader(&endless{text: wire}).All() {
				if err != nil {
					b.Fatal(err)
				}
				if !b.Loop() {
					break
				}
			}
		})
	}
}
