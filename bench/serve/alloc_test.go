//go:build !race

// The race detector makes pools forget, and rounds what is allocated.

package serve_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAllocations is the gate: allocations and bytes are the same on every machine, time is not.
func TestAllocations(t *testing.T) {
	tests := map[string]struct {
		path, want string
		bytes      int64
	}{
		"text":           {"/hello", text, 640},
		"path parameter": {"/users/42", "42", 960},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bare := testing.Benchmark(func(b *testing.B) { measure(b, bareChi(), test.path, test.want) })
			ours := testing.Benchmark(func(b *testing.B) { measure(b, chitor(b), test.path, test.want) })
			assert.LessOrEqual(t, ours.AllocsPerOp(), bare.AllocsPerOp())
			assert.LessOrEqual(t, ours.AllocedBytesPerOp(), test.bytes)
		})
	}
}
