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

// sink is a server's writer that takes everything, and counts flushes.
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

// open opens a stream of the handler, which hands over how to send, and returns that.
func open(t testing.TB, handler http.Handler, senders <-chan func() error) (send func() error, to *sink) {
	t.Helper()
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

func chitor(t testing.TB) (send func() error, to *sink) {
	t.Helper()
	senders := make(chan func() error, 1)
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				event := sse.Event{ID: "12345", Event: "price", Data: data()}
				senders <- func() error { return s.Send(event) }
				<-s.Context().Done()
				return nil
			})
		})
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.WithoutCancel(t.Context()))) })
	return open(t, application, senders)
}

func handWritten(t testing.TB) (send func() error, to *sink) {
	t.Helper()
	senders := make(chan func() error, 1)
	text := data()
	return open(t, reference.Handler(0, func(ctx context.Context, s *reference.Stream) error {
		senders <- func() error { return s.Send("12345", "price", text) }
		<-ctx.Done()
		return nil
	}), senders)
}

func data() string { return strings.Repeat("0123456789", 10) }

// TestBothSendTheSame: one write and one flush of an event that says the same.
func TestBothSendTheSame(t *testing.T) {
	for name, variant := range map[string]func(testing.TB) (func() error, *sink){"chitor": chitor, "reference": handWritten} {
		t.Run(name, func(t *testing.T) {
			send, to := variant(t)
			flushes := to.flushes
			require.NoError(t, send())
			assert.Equal(t, flushes+1, to.flushes)
			assert.Equal(t, "event: price\r\ndata: "+data()+"\r\nid: 12345\r\n\r\n", string(to.last))
		})
	}
}

func BenchmarkSend(b *testing.B) {
	operations := map[string]func(){}
	for name, variant := range map[string]func(testing.TB) (func() error, *sink){"chitor": chitor, "reference": handWritten} {
		send, _ := variant(b)
		operations[name] = func() {
			if err := send(); err != nil {
				b.Error(err)
			}
		}
	}
	turns.Benchmark(b, operations)
}
