package adopt_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/recorder"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// events is how many events a stream of the benchmarks has that measure one.
const events = 1000

// A flusher is a recorder that can be flushed, as Adopt wants, and takes deadlines.
type flusher struct{ *recorder.Writer }

func (flusher) Flush()                           {}
func (flusher) SetWriteDeadline(time.Time) error { return nil }

// write writes an event by hand, n times.
func write(w http.ResponseWriter, n int) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	event := []byte("data: hello\n\n")
	for range n {
		_, _ = w.Write(event)
		_ = control.Flush()
	}
}

// variants are applications without and with Adopt on the root of all routes.
func variants(tb testing.TB) map[string]http.Handler {
	tb.Helper()
	variants := map[string]http.Handler{}
	for name, install := range map[string]func(*routing.Route){
		"without": func(*routing.Route) {},
		"adopt":   func(r *routing.Route) { r.Install(sse.Adopt) },
	} {
		application := app.New(func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				install(r)
				r.Get("/text", func(c *app.Call) error { return c.RespondText("hello") })
				r.Mount("/foreign", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
				r.SSE("/own", func(s *sse.Session) error { return s.SendText("hello") })
				r.Mount("/stream", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w, 1) }))
				r.Mount("/events", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w, events) }))
			})
		})
		require.NoError(tb, application.Start(context.Background()))
		tb.Cleanup(func() { require.NoError(tb, application.Stop(context.Background())) })
		variants[name] = application
	}
	return variants
}

func measure(b *testing.B, path string) {
	b.Helper()
	for name, handler := range variants(b) {
		b.Run(name, func(b *testing.B) {
			w := flusher{recorder.New()}
			r := &http.Request{
				Method: http.MethodGet, URL: &url.URL{Path: path}, Header: http.Header{},
				Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			}
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			r = r.WithContext(ctx)
			b.ReportAllocs()
			for b.Loop() {
				w.Reset()
				handler.ServeHTTP(w, r)
			}
			require.NotZero(b, w.Bytes)
		})
	}
}

// BenchmarkText and BenchmarkForeign are calls that are answered with a text.
func BenchmarkText(b *testing.B)    { measure(b, "/text") }
func BenchmarkForeign(b *testing.B) { measure(b, "/foreign") }

// BenchmarkOwn is a stream of our own with one event, BenchmarkStream one of a
// foreign handler, and BenchmarkEvents one with a thousand.
func BenchmarkOwn(b *testing.B)    { measure(b, "/own") }
func BenchmarkStream(b *testing.B) { measure(b, "/stream") }
func BenchmarkEvents(b *testing.B) { measure(b, "/events") }

// TestAllocations: an event that is adopted allocates nothing, and a stream of ours
// no more than without Adopt.
func TestAllocations(t *testing.T) {
	variants := variants(t)
	allocations := func(variant, path string) float64 {
		handler := variants[variant]
		w := flusher{recorder.New()}
		r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		return testing.AllocsPerRun(20, func() {
			w.Reset()
			handler.ServeHTTP(w, r)
		})
	}
	require.Less(t, allocations("adopt", "/events")-allocations("adopt", "/stream"), float64(events)/20)
	require.InDelta(t, allocations("without", "/own"), allocations("adopt", "/own"), 2)
}
