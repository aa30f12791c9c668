package compression_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/bench/turns"
)

// piece is how many bytes a handler writes at once.
const piece = 32 << 10

// sink is a server's writer that counts what it is given and drops it.
type sink struct {
	header http.Header
	length int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}

func (s *sink) Write(p []byte) (int, error) {
	s.length += len(p)
	return len(p), nil
}

func (s *sink) Flush() {}

// records are 10 KiB of JSON.
func records() []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := 0; b.Len() < 10<<10; i++ {
		fmt.Fprintf(&b, `{"id":%d,"name":"customer %d","email":"c%d@example.com","balance":%d.%02d,"active":%t},`, i, i*7919%1000, i, i*31, i%100, i%3 == 0)
	}
	b.WriteString("{}]")
	return b.Bytes()
}

// prose is 1 MiB of text without much repetition.
func prose() []byte {
	words := strings.Fields(`an event stream is an answer that goes on the server keeps connection and sends one after other as text
		every browser reads it reconnects by itself says where left off proxies load balancers close connections are silent heartbeat`)
	var b bytes.Buffer
	for seed := uint32(1); b.Len() < 1<<20; {
		seed = seed*1664525 + 1013904223
		fmt.Fprintf(&b, "%s ", words[int(seed>>16)%len(words)])
		if seed>>24 < 8 {
			fmt.Fprintf(&b, "%d.\n", seed>>8)
		}
	}
	return b.Bytes()
}

func BenchmarkJSON(b *testing.B) { measure(b, "gzip", variants(b), "application/json", records()) }
func BenchmarkText(b *testing.B) {
	measure(b, "gzip", variants(b), "text/plain; charset=utf-8", prose())
}

func BenchmarkJSONInZstd(b *testing.B) {
	measure(b, "zstd", zstdVariants(b), "application/json", records())
}

func BenchmarkTextInZstd(b *testing.B) {
	measure(b, "zstd", zstdVariants(b), "text/plain; charset=utf-8", prose())
}

// writing returns a handler that writes body in pieces.
func writing(t testing.TB, contentType string, body []byte) http.Handler {
	types := []string{contentType}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = types
		for rest := body; len(rest) > 0; {
			n := min(len(rest), piece)
			if _, err := w.Write(rest[:n]); err != nil {
				t.Error(err)
			}
			rest = rest[n:]
		}
	})
}

// serving returns a function that serves a request for a content coding.
func serving(handler http.Handler, coding string) (serve func(), to *sink) {
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Accept-Encoding", coding)
	to = &sink{header: http.Header{}}
	return func() {
		clear(to.header)
		to.length = 0
		handler.ServeHTTP(to, request)
	}, to
}

func measure(b *testing.B, coding string, wraps map[string]func(http.Handler) http.Handler, contentType string, body []byte) {
	b.Helper()
	handler := writing(b, contentType, body)
	operations, sinks := map[string]func(){}, map[string]*sink{}
	for name, wrap := range wraps {
		operations[name], sinks[name] = serving(wrap(handler), coding)
		operations[name]()
		if name != "plain" {
			require.Less(b, sinks[name].length, len(body)/2, "%s compresses", name)
		}
	}
	turns.Benchmark(b, operations)
	for name, to := range sinks {
		b.Logf("%s: %s sends %d bytes, ratio %.2f", b.Name(), name, to.length, float64(len(body))/float64(to.length))
	}
}
