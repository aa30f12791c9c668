//go:build !race

package compression_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A request without Content-Encoding costs no allocation, and one that is
// decoded a few that do not depend on its body or its coding: the body, its
// attribute, the list of codings, the decoders, the stages, and a header of its
// own.
func TestRequestAllocations(t *testing.T) {
	counts := map[string]float64{}
	for _, v := range requestVariants() {
		take := taking(t, v, text)
		for range 10 {
			take() // fills the pools
		}
		counts[v.name] = testing.AllocsPerRun(200, take)
	}
	assert.LessOrEqual(t, counts["idle"], counts["none"])
	for _, name := range []string{"gzip", "deflate", "zstd"} {
		assert.LessOrEqual(t, counts[name], counts["none"]+8, name)
	}
}
