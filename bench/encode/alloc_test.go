//go:build !race

package encode_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Allocations are tested, unlike time, because they are the same on every
// machine.
func TestAllocations(t *testing.T) {
	for kind, e := range map[string]event{"short": short(), "lines": lines()} {
		encode := chitor(t, e)
		encode() // makes the buffer
		assert.Zero(t, testing.AllocsPerRun(1000, func() { encode() }), kind)
	}
}
