//go:build !race

package send_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAllocations is the gate: what net/http does not allocate, sending does not either.
func TestAllocations(t *testing.T) {
	send, _ := chitor(t)
	assert.NoError(t, send()) // makes the buffer
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		if err := send(); err != nil {
			t.Error(err)
		}
	}))
}
