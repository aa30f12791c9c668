//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package statuspages_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A call that needs no page costs no allocation.
func TestAllocations(t *testing.T) {
	want := int(testing.AllocsPerRun(100, calls(t, "/", nil)))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, "/", handlers))))
}
