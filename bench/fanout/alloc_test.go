//go:build !race

// With the race detector pools drop what they hold.

package main_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	main "github.com/chitor-go/chitor/bench/fanout"
)

// An allocation for each delivery is work for the garbage collector that grows
// with the number of clients. A dozen for each event, for the goroutines that
// deliver it, do not.
func TestAllocationsOfADelivery(t *testing.T) {
	for name, burst := range map[string]int{"flat out": 100, "one at a time": 1} {
		t.Run(name, func(t *testing.T) {
			objects, err := main.Objects(t.Context(), "chitor", 600, burst, 500/burst)
			require.NoError(t, err)
			assert.LessOrEqual(t, objects, 0.05)
		})
	}
}
