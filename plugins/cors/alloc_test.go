//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package cors_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A call that is allowed, and one that is none of the plugin's business, cost
// no allocation.
func TestAllocations(t *testing.T) {
	want := int(testing.AllocsPerRun(100, calls(t, plain, example)))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, module(exampleCom, root), example))))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, module(exampleCom, root), ""))))
}
