package sse_test

import (
	"testing"

	"github.com/chitor-go/chitor/plugins/sse"
)

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
