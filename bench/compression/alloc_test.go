//go:build !race

// The race detector makes pools forget.

package compression_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAllocations is the gate: beside the same application without it
// compressing allocates nothing of its own. The one more of a long text in zstd
// is the library's, for the header of a frame of several blocks.
func TestAllocations(t *testing.T) {
	for contentType, body := range map[string][]byte{"application/json": records(), "text/plain": prose()} {
		t.Run(contentType, func(t *testing.T) {
			handler := writing(t, contentType, body)
			bare, _ := serving(application(t, handler), "gzip")
			for _, coding := range []string{"gzip", "deflate", "zstd"} {
				allowed := testing.AllocsPerRun(50, bare)
				if coding == "zstd" && len(body) > 128<<10 {
					allowed++
				}
				compressed, _ := serving(chitor(t, handler), coding)
				assert.LessOrEqual(t, testing.AllocsPerRun(50, compressed), allowed, coding)
			}
		})
	}
}
