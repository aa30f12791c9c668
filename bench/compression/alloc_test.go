//go:build !race

// The race detector makes pools forget.

package compression_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAllocations is the gate: beside the same application without it compressing allocates nothing of its own.
func TestAllocations(t *testing.T) {
	for contentType, body := range map[string][]byte{"application/json": records(), "text/plain": prose()} {
		t.Run(contentType, func(t *testing.T) {
			handler := writing(t, contentType, body)
			bare, _ := serving(application(t, handler))
			compressed, _ := serving(chitor(t, handler))
			assert.LessOrEqual(t, testing.AllocsPerRun(50, compressed), testing.AllocsPerRun(50, bare))
		})
	}
}
