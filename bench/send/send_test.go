package send_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/reference"
	"github.com/chitor-go/chitor/bench/turns"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// sink is a server's writer that drops everything, and counts flushes.
type sink struct {
	header  http.Header
	flushes int
	last    []byte
}

func (s *sink) Header() http.Header              { return s.header }
func (s *sink) WriteHeader(int)                  {}
func (s *sink) FlushError() error                { s.flushes++; return nil }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }

func (s *sink) Write(p []byte) (int, error) {
	s.last = append(s.last[:0], p...)
	return len(p), nil
}

// open opens a stream to a sink and returns a function that sends an event on it.
func open(t testing.TB, serve variant, data string) (send func() error, to *sink) {
	t.Helper()
	senders := make(chan func() error, 1)
	handler := serve(t, data, senders)
	to = &sink{header: http.Header{}}
	ctx, end := context.WithCancel(t.Context())
	request := httptest.NewRequest(http.MethodGet, "/events", nil).WithContext(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // the end of a stream whose client has gone may be a cut
		handler.ServeHTTP(to, request)
	}()
	t.Cleanup(func() {
		end()
		<-done
	})
	return <-senders, to
}

// A variant is a handler of streams that passes on a function to send the event.
type variant func(t testing.TB, data string, senders chan<- func() error) http.Handler

func variants() map[string]variant {
	return map[string]variant{"chitor": chitor, "reference": handWritten}
}

func chitor(t testing.TB, data string, senders chan<- func() error) http.Handler {
	t.Helper()
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				event := sse.Event{ID: "12345", Event: "price", Data: data}
				senders <- func() error { return s.Send(event) }
				<-s.Context().Done()
				return nil
			})
		})
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.WithoutCancel(t.Context()))) })
	return application
}

func handWritten(_ testing.TB, data string, senders chan<- func() error) http.Handler {
	return reference.Handler(0, func(ctx context.Context, s *reference.Stream) error {
		senders <- func() error { return s.Send("12345", "price", data) }
		<-ctx.Done()
		return nil
	})
}

func short() string { return strings.Repeat("0123456789", 10) }

// long is 4 KiB in 64 lines. A chunk of so much costs net/http an allocation.
func long() string { return strings.TrimSuffix(strings.Repeat(strings.Repeat("x", 63)+"\n", 64), "\n") }

// Each of them makes one write and one flush of the same event.
func TestBothSendTheSame(t *testing.T) {
	for name, variant := range variants() {
		t.Run(name, func(t *testing.T) {
			send, to := open(t, variant, short())
			require.NoError(t, send()) // with which the head of a session leaves
			flushes := to.flushes
			require.NoError(t, send())
			assert.Equal(t, flushes+1, to.flushes)
			assert.Equal(t, "event: price\r\ndata: "+short()+"\r\nid: 12345\r\n\r\n", string(to.last))
		})
	}
}

func BenchmarkSend(b *testing.B) {
	operations := map[string]func(){}
	for name, variant := range variants() {
		send, _ := open(b, variant, short())
		operations[name] = func() {
			if err := send(); err != nil {
				b.Error(err)
			}
		}
	}
	turns.Benchmark(b, operations)
}
