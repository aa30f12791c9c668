//go:build !race

// With the race detector pools drop what they hold, and sizes are rounded up.

package serve_test

import (
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/bench/recorder"
)

// Allocations and bytes are tested, unlike time, because they are the same on
// every machine.
func TestAllocations(t *testing.T) {
	tests := map[string]struct {
		path, want string
		bytes      uint64
	}{
		"text":           {"/hello", text, 640},
		"path parameter": {"/users/42", "42", 960},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bare, _ := perCall(t, bareChi(), test.path, test.want)
			ours, bytes := perCall(t, chitor(t), test.path, test.want)
			assert.LessOrEqual(t, ours, bare)
			assert.LessOrEqual(t, bytes, test.bytes)
		})
	}
}

// perCall returns what a call allocates, rounded down. The number of calls is
// fixed. If it depended on time, what is allocated once for all of them would
// count on a slow machine, which makes few.
func perCall(t *testing.T, handler http.Handler, path, want string) (allocations, bytes uint64) {
	t.Helper()
	const calls = 10_000
	w, r := recorder.New(), request(path)
	serve := func() {
		w.Reset()
		handler.ServeHTTP(w, r)
	}
	serve()
	require.Equal(t, len(want), w.Bytes)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		serve()
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs) / calls, (after.TotalAlloc - before.TotalAlloc) / calls
}
