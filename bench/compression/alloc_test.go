//go:build !race

// With the race detector pools drop what they hold.

package compression_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The same application without the plugin is the measure. A long text in zstd has
// one allocation more, by the library, for the header of a frame of several
// blocks.
func TestCompressingAllocatesNothing(t *testing.T) {
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
