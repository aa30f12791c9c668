//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package compression_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// A response that is not encoded costs no allocation, and one that is costs
// none beyond those of any wrapped body.
func TestAllocations(t *testing.T) {
	data := []byte(text)
	counts := map[string]float64{}
	for _, v := range variants() {
		serve := serving(t, v, func(c *app.Call) error {
			c.Header()["Content-Type"] = contentType
			return c.RespondBytes(data)
		})
		for range 10 {
			serve() // fills the pools
		}
		counts[v.name] = testing.AllocsPerRun(200, func() { serve() })
	}
	for _, name := range []string{"idle", "refused"} {
		assert.LessOrEqual(t, counts[name], counts["none"], name)
	}
	for _, name := range []string{"gzip", "deflate", "zstd"} {
		assert.LessOrEqual(t, counts[name], counts["wrap"], name)
	}
}
