package brotli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/compression/brotli"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

type streamEncoder struct {
	name      string
	configure func(*compression.EventStreamConfig)
}

// streamEncoders are the encoders that event streams are measured with; plain
// has none.
var streamEncoders = []streamEncoder{
	{"plain", nil},
	{"zstd", func(e *compression.EventStreamConfig) { e.Zstd() }},
	{"gzip", func(e *compression.EventStreamConfig) { e.Gzip() }},
	{"br", func(e *compression.EventStreamConfig) { e.Encoder(brotli.EventStreamEncoder()) }},
}

// higherLevels are those whose memory is measured besides that of the default
// ones.
var higherLevels = []streamEncoder{
	{"zstd 3", func(e *compression.EventStreamConfig) { e.Zstd(level(3)) }},
	{"zstd 6", func(e *compression.EventStreamConfig) { e.Zstd(level(6)) }},
	{"gzip 9", func(e *compression.EventStreamConfig) { e.Gzip(level(9)) }},
}

// tick is a short event.
func tick(i int) string {
	return fmt.Sprintf(`{"symbol":"ACME","bid":%d.%02d,"ask":%d.%02d,"volume":%d,"time":"2026-03-02T10:%02d:%02d.%03dZ"}`,
		100+i%7, i*31%100, 101+i%7, i*37%100, 1000+i*7919%9000, i/60%60, i%60, i*251%1000)
}

// table is a page of which little changes from one event to the next.
func table(i int) string {
	var rows strings.Builder
	for row := range 60 {
		value := row * 7919 % 10_000
		if row == i%60 {
			value = i * 104_729 % 10_000
		}
		fmt.Fprintf(&rows, `<tr id="row-%d" class="row"><td class="name">Article number %d</td><td class="price">%d.%02d</td></tr>`,
			row, row*37, value/100, value%100)
	}
	return `<table id="prices">` + rows.String() + `</table>`
}

// streams starts an application with one stream, which serves every call with
// serve.
func streams(b *testing.B, configure func(*compression.EventStreamConfig), serve func(*sse.Session) error) *app.Application {
	b.Helper()
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		if configure != nil {
			a.Install(compression.Plugin.With(func(c *compression.Config) { c.EventStreams(configure) }))
		}
		routing.Routes(a, func(r *routing.Route) { r.SSE("/", serve) })
	})
	require.NoError(b, application.Start(b.Context()))
	b.Cleanup(func() { require.NoError(b, application.Stop(context.WithoutCancel(b.Context()))) })
	return application
}

// counting is a response writer that counts.
type counting struct {
	header http.Header
	bytes  int
}

func (w *counting) Header() http.Header { return w.header }
func (w *counting) WriteHeader(int)     {}
func (w *counting) FlushError() error   { return nil }

func (w *counting) Write(p []byte) (int, error) {
	w.bytes += len(p)
	return len(p), nil
}

func open(application *app.Application, w *counting) {
	w.header = http.Header{}
	request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", nil)
	request.Header.Set("Accept-Encoding", "*")
	application.ServeHTTP(w, request)
}

func BenchmarkTick(b *testing.B)  { sendEvents(b, tick) }
func BenchmarkTable(b *testing.B) { sendEvents(b, table) }

// sendEvents measures one event of a long stream, encoded and flushed.
func sendEvents(b *testing.B, event func(i int) string) {
	b.Helper()
	var data [4096]string // more than any window holds
	for i := range data {
		data[i] = event(i)
	}
	for _, encoder := range streamEncoders {
		b.Run(encoder.name, func(b *testing.B) {
			written := 0
			w := &counting{}
			open(streams(b, encoder.configure, func(s *sse.Session) error {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					next := data[i%len(data)]
					written += len("data: \r\n\r\n") + len(next)
					if err := s.SendText(next); err != nil {
						return err
					}
				}
				return nil
			}), w)
			b.ReportMetric(float64(w.bytes)/float64(b.N), "sent-B/op")
			b.ReportMetric(float64(written)/float64(w.bytes), "shrinks")
		})
	}
}

func BenchmarkOpenTicks(b *testing.B) { openStreams(b, tick, streamEncoders) }
func BenchmarkOpenTables(b *testing.B) {
	openStreams(b, table, slices.Concat(streamEncoders, higherLevels))
}

// openStreams measures the memory of streams that are open and have sent some
// events.
func openStreams(b *testing.B, event func(i int) string, encoders []streamEncoder) {
	b.Helper()
	const count, events = 200, 100
	for _, encoder := range encoders {
		b.Run(encoder.name, func(b *testing.B) {
			var perStream float64
			for b.Loop() {
				var silent, served sync.WaitGroup
				end := make(chan struct{})
				application := streams(b, encoder.configure, func(s *sse.Session) error {
					for i := range events {
						if err := s.SendText(event(i)); err != nil {
							return err
						}
					}
					silent.Done()
					<-end
					return nil
				})
				before := inUse()
				silent.Add(count)
				for range count {
					served.Go(func() { open(application, &counting{}) })
				}
				silent.Wait()
				perStream = float64(inUse()-before) / count / 1024
				close(end)
				served.Wait()
			}
			b.ReportMetric(perStream, "KiB/stream")
		})
	}
}

// inUse returns the bytes of memory in use once everything is collected that
// can be.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // pools give up what they hold at the second collection
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}
