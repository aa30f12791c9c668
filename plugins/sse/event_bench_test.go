package sse_test

import "testing"

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
