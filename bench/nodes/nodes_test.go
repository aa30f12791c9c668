package main_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	main "github.com/chitor-go/chitor/bench/nodes"
)

func TestEachClientOfEachNodeHasEachEvent(t *testing.T) {
	for name, held := range map[string]bool{"as it is": false, "held": true} {
		t.Run(name, func(t *testing.T) {
			printed, err := main.Measure(t.Context(), 2, 20, 3, held)
			require.NoError(t, err)
			assert.Regexp(t, `(?m)^node 1: 20 streams, .*\nnode 2: 20 streams, .*\nall nodes: 40 streams; `, printed)
			assert.Contains(t, printed, "the last client has an event within ")
		})
	}
}
