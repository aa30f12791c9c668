//go:build !race

package session_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// To require a session costs the principal, the time until when it holds, and
// their place in the call, beyond reading the session.
func TestAllocations(t *testing.T) {
	reading, requiring := serving(t)
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, requiring), testing.AllocsPerRun(1000, reading)+3)
}
