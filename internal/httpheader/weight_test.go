package httpheader_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestWeight(t *testing.T) {
	t.Parallel()
	for element, want := range map[string]struct {
		value  string
		weight float64
	}{
		"gzip":                   {"gzip", 1},
		"gzip;q=1.0":             {"gzip", 1},
		"compress;q=0.5":         {"compress", 0.5},
		"identity; q=0.5":        {"identity", 0.5},
		"*;q=0":                  {"*", 0},
		"en-gb ;\tQ = 0.8":       {"en-gb", 0.8},
		"gzip;q=0.001":           {"gzip", 0.001},
		"gzip;q=.5":              {"gzip", 0.5},
		"gzip;a=b;q=0.3;c":       {"gzip", 0.3},
		"gzip;q=0.3;q=0.4":       {"gzip", 0.3},
		`gzip;a="x;q=0.1";q=0.2`: {"gzip", 0.2},
		"gzip;q=2":               {"gzip", 1},
		"gzip;q=-1":              {"gzip", 1},
		"gzip;q=NaN":             {"gzip", 1},
		"gzip;q=Inf":             {"gzip", 1},
		"gzip;q=x":               {"gzip", 1},
		"gzip;q=":                {"gzip", 1},
		"gzip;q":                 {"gzip", 1},
		`gzip;q="0.5"`:           {"gzip", 1},
		"gzip;;=;q=0.5":          {"gzip", 0.5},
		";q=0.5":                 {"", 0.5},
		"":                       {"", 1},
	} {
		value, parameters := httpheader.CutParameters(element)
		weight := httpheader.Weight(parameters)
		assert.Equal(t, want.value, value, element)
		assert.InDelta(t, want.weight, weight, 0, element)
	}
}
