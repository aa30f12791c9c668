//go:build !race

// With the race detector pools drop what they hold.

package sessions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAllocations: the state of a call, and for a session that is read what is
// known of it, its bytes and its value.
func TestAllocations(t *testing.T) {
	cost := map[string]float64{}
	for name, call := range kinds(t) {
		cost[name] = testing.AllocsPerRun(1000, call)
	}
	for name, limit := range map[string]float64{
		"unasked": 2, "signed, read, without JSON": 6, "encrypted, read, without JSON": 6, "by ID, read, without JSON": 7,
	} {
		assert.LessOrEqual(t, cost[name]-cost["bare"], limit, name)
	}
}
