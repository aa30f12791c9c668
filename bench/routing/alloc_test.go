//go:build !race

// With the race detector pools drop what they hold.

package main_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	main "github.com/chitor-go/chitor/bench/routing"
)

const github = "../../routing/testdata/github.txt"

func TestCallsAllocateNoMoreThanChis(t *testing.T) {
	ours, bare, err := main.Allocations(github)
	require.NoError(t, err)
	require.Len(t, ours, 4)
	for name, allocations := range ours {
		assert.LessOrEqual(t, allocations, bare[name], name)
	}
}

// The values of the path are the request's, and were given to it before.
func TestChoosingARouteAllocatesNothing(t *testing.T) {
	choices, err := main.Choices(github)
	require.NoError(t, err)
	require.Len(t, choices, 4)
	for name, allocations := range choices {
		assert.Zero(t, allocations, name)
	}
}
