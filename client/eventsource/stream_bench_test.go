package eventsource_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

// endless is a body that repeats one event.
type endless struct{ wire, left string }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == "" {
		e.left = e.wire
	}
	n := copy(p, e.left)
	e.left = e.left[n:]
	return n, nil
}

// endlessStream returns a stream that needs no network.
func endlessStream(tb testing.TB, configure ...func(*eventsource.Config)) *eventsource.Stream {
	tb.Helper()
	wire := strings.Repeat("event: price\r\ndata: ACME 42\r\nid: 7\r\n\r\n", 100)
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "http://test/", nil)
	require.NoError(tb, err)
	return eventsource.New(request, append(configure, func(c *eventsource.Config) {
		c.HTTPClient = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			header := http.Header{"Content-Type": {"text/event-stream"}}
			return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(&endless{wire: wire})}, nil
		})}
	})...)
}

func BenchmarkEvents(b *testing.B) {
	b.ReportAllocs()
	n := 0
	for _, err := range endlessStream(b).Events() {
		if err != nil {
			b.Fatal(err)
		}
		if n++; n >= b.N {
			break
		}
	}
}

// An event costs the string of its data and nothing else.
func TestEventsAllocateOnce(t *testing.T) {
	const events = 10_000
	allocations := testing.AllocsPerRun(3, func() {
		n := 0
		for _, err := range endlessStream(t).Events() {
			if err != nil || n == events {
				break
			}
			n++
		}
	})
	require.Less(t, allocations, 1.05*events)
}
