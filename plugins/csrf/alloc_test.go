//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/csrf"
)

// A call that is let in costs no allocation.
func TestAllocations(t *testing.T) {
	s := guarded(t, func(c *csrf.Config) { c.CheckHeader("X-Proof") })
	plain := int(testing.AllocsPerRun(100, s.calls("/no-csrf")))
	for name, headers := range map[string][]string{
		"site":   {"Sec-Fetch-Site", "same-origin"},
		"origin": {"Origin", "http://example.com"},
		"none":   nil,
	} {
		assert.Equal(t, plain, int(testing.AllocsPerRun(100, s.calls("/csrf", headers...))), name)
	}
}

func BenchmarkCalls(b *testing.B) {
	s := guarded(b, func(*csrf.Config) {})
	for name, headers := range map[string][]string{"site": {"Sec-Fetch-Site", "same-origin"}, "origin": {"Origin", "http://example.com"}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			call := s.calls("/csrf", headers...)
			for b.Loop() {
				call()
			}
		})
	}
}

// calls returns what serves one POST.
func (s server) calls(path string, headers ...string) func() {
	request := httptest.NewRequest(http.MethodPost, path, http.NoBody)
	request.Header.Set("X-Proof", "1")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	w := &reusable{http.Header{}}
	return func() {
		clear(w.header)
		s.application.ServeHTTP(w, request)
	}
}

// reusable is a response writer that keeps nothing but its header map.
type reusable struct{ header http.Header }

func (w *reusable) Header() http.Header         { return w.header }
func (w *reusable) Write(p []byte) (int, error) { return len(p), nil }
func (w *reusable) WriteHeader(int)             {}
