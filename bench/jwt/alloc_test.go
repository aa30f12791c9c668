//go:build !race

package jwt_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// No other way allocates less.
func TestAllocations(t *testing.T) {
	for algorithm, pair := range pairs(t) {
		got := map[string]float64{}
		for name, call := range calls(t, pair) {
			got[name] = testing.AllocsPerRun(100, call)
		}
		t.Log(algorithm, got)
		for name := range got {
			assert.LessOrEqual(t, got["chitor"], got[name], "%s %s", algorithm, name)
		}
	}
}
