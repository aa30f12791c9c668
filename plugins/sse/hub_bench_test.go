package sse_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// BenchmarkJoin says what streams keep that have joined a hub and are idle, besides
// what they have kept before, and besides their stacks. They are held: what they
// give back when they are parked is not the hub's.
func BenchmarkJoin(b *testing.B) {
	for _, topics := range []int{1, 2, 20} {
		b.Run(fmt.Sprint(topics, "-topics"), func(b *testing.B) {
			const streams = 2000
			bytes, objects := 0.0, 0.0
			for b.Loop() {
				before, after := keptByJoining(b, streams, topics)
				bytes += float64(after.HeapAlloc-before.HeapAlloc) / streams
				objects += float64(after.HeapObjects-before.HeapObjects) / streams
			}
			b.ReportMetric(bytes/float64(b.N), "B/stream")
			b.ReportMetric(objects/float64(b.N), "objects/stream")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// keptByJoining returns what is allocated before streams join topics, and when they
// have.
func keptByJoining(b *testing.B, streams, topics int) (before, after runtime.MemStats) {
	b.Helper()
	var hub *sse.Hub
	opened, join := make(chan struct{}), make(chan struct{})
	names := make([]string, topics)
	for i := range names {
		names[i] = fmt.Sprint("topic", i)
	}
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin.With(func(c *sse.Config) { c.Parking = sse.ParkNever }))
		hub = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				if err := s.Send(sse.Event{Data: "the head leaves"}); err != nil {
					return err
				}
				opened <- struct{}{}
				<-join
				return hub.Join(s, names...)
			})
		})
	})
	require.NoError(b, application.Start(b.Context()))
	for range streams {
		serveDiscarding(b, application)
		<-opened
	}
	read := func(into *runtime.MemStats) {
		runtime.GC()
		runtime.GC() // what pools have is gone with the second
		runtime.ReadMemStats(into)
	}
	read(&before)
	close(join)
	eventually(b, func() bool { return hub.Stats().Sessions == streams })
	require.NoError(b, hub.Publish(b.Context(), names[0], sse.Event{Data: "all deliver"}))
	eventually(b, func() bool { return hub.Stats().Delivered == uint64(streams) })
	read(&after)
	require.NoError(b, application.Stop(b.Context()))
	return before, after
}

func eventually(b *testing.B, isTrue func() bool) {
	b.Helper()
	require.Eventually(b, isTrue, time.Minute, time.Millisecond)
}
