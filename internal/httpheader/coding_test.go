package httpheader_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestCodingWeight(t *testing.T) {
	for name, test := range map[string]struct {
		lines  []string
		coding string
		weight float64
		named  bool
	}{
		"none":             {nil, "gzip", 0, false},
		"named":            {[]string{"br, gzip"}, "gzip", 1, true},
		"in another case":  {[]string{"GZip;q=0.5"}, "gzip", 0.5, true},
		"an old name":      {[]string{"x-gzip"}, "gzip", 1, true},
		"old for gzip":     {[]string{"x-br"}, "br", 0, false},
		"on another line":  {[]string{"br", "gzip;q=0.25"}, "gzip", 0.25, true},
		"refused":          {[]string{"gzip;q=0, gzip"}, "gzip", 0, true},
		"all others alone": {[]string{"*"}, "gzip", 0, false},
		"all others":       {[]string{"*;q=0.1"}, "*", 0.1, true},
	} {
		t.Run(name, func(t *testing.T) {
			weight, named := httpheader.CodingWeight(test.lines, test.coding)
			assert.InDelta(t, test.weight, weight, 0)
			assert.Equal(t, test.named, named)
		})
	}
}
