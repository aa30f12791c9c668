//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package contentnegotiation_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Receiving and responding cost at most four allocations beyond what the same
// costs by hand: the body that remembers its error, the candidates, and the
// encoder with its buffer.
func TestAllocations(t *testing.T) {
	count := func(serve func()) float64 {
		for range 10 {
			serve() // fills the pools
		}
		return testing.AllocsPerRun(200, serve)
	}
	own := count(serving(t, nil, byHand))
	assert.LessOrEqual(t, count(serving(t, onlyJSON, echo[MyEntity])), own+4)
	assert.LessOrEqual(t, count(serving(t, jsonAndXML, echo[MyEntity])), own+4, "Vary costs nothing")
}
