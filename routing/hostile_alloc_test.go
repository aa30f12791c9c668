//go:build !race

// With the race detector pools drop what they hold.

package routing_test

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/routing"
)

// TestHostilePathsCostNoMoreThanTheirLength counts the bytes that a call
// allocates: eight times as long a path takes eight times as many, and what slices
// have to spare.
func TestHostilePathsCostNoMoreThanTheirLength(t *testing.T) {
	for name, beside := range map[string]func(*routing.Route){
		"chi chooses": block,
		"a walk does": func(r *routing.Route) { r.Header("X", "1").Handle("/{...}", text("")) },
	} {
		a := serve(t, func(r *routing.Route) {
			r.Get("/x/{id}", text(""))
			r.Get("/x/x/x/{rest...}", text(""))
			beside(r)
		})
		for _, piece := range []string{"/", "/x", "/%2F", "/%00.."} {
			t.Run(name+", "+piece, func(t *testing.T) {
				short, long := bytesOf(t, a, strings.Repeat(piece, 20_000)), bytesOf(t, a, strings.Repeat(piece, 160_000))
				assert.LessOrEqual(t, long, 10*short+4096)
			})
		}
	}
}

// TestManyExpressionsReadOneText: a hundred of them take no more bytes for a long
// path than two would.
func TestManyExpressionsReadOneText(t *testing.T) {
	taken := map[int]uint64{}
	for _, expressions := range []int{1, 100} {
		a := serve(t, func(r *routing.Route) {
			for i := range expressions {
				r.Regexp(fmt.Sprintf(`/x/(?<n>\d+)/%d`, i)).Get("", text(""))
			}
		})
		taken[expressions] = bytesOf(t, a, strings.Repeat("/x", 30_000))
	}
	assert.LessOrEqual(t, taken[100], 2*taken[1])
}

// bytesOf returns how many bytes a call for a path allocates.
func bytesOf(t *testing.T, handler http.Handler, path string) uint64 {
	t.Helper()
	target, err := url.ParseRequestURI(path)
	require.NoError(t, err)
	request := &http.Request{Method: http.MethodGet, URL: target, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}
	w := &sink{http.Header{}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	handler.ServeHTTP(w, request.WithContext(t.Context()))
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
