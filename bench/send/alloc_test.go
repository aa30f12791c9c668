//go:build !race

package send_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Sending allocates no more than net/http does.
func TestAllocations(t *testing.T) {
	for name, data := range map[string]string{"short": short(), "long": long()} {
		t.Run(name, func(t *testing.T) {
			send, _ := open(t, chitor, data)
			assert.Zero(t, allocations(t, send), "beneath a writer that takes everything")
			ours, bare := allocations(t, openLoopback(t, chitor, data)), allocations(t, openLoopback(t, handWritten, data))
			assert.LessOrEqual(t, ours, bare, "over TCP, beside the reference")
		})
	}
}

func allocations(t *testing.T, send func() error) float64 {
	t.Helper()
	return testing.AllocsPerRun(1000, func() {
		if err := send(); err != nil {
			t.Error(err)
		}
	})
}
