package sse_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chitor-go/chitor/plugins/sse"
)

func BenchmarkSessionSend(b *testing.B) {
	for name, event := range benchmarkEvents() {
		b.Run(name, func(b *testing.B) {
			s := openSession(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Send(event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBareWrite is what net/http alone needs for the bytes of an event,
// encoded once, and its flush.
func BenchmarkBareWrite(b *testing.B) {
	for name, event := range benchmarkEvents() {
		b.Run(name, func(b *testing.B) {
			wire := []byte(encode(b, event))
			writers, done := make(chan http.ResponseWriter), make(chan struct{})
			serveDiscarding(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				writers <- w
				<-done
			}))
			w := <-writers
			defer close(done)
			controller := http.NewResponseController(w)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Write(wire); err != nil {
					b.Fatal(err)
				}
				if err := controller.Flush(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSessionSendParallel is many goroutines that send in one session.
func BenchmarkSessionSendParallel(b *testing.B) {
	s := openSession(b)
	event := sse.Event{Data: strings.Repeat("x", 100)}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Send(event); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
