//go:build !race

package sse_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The race detector makes pools forget what they hold, so this counts without
// it. A chunk of over 256 bytes costs net/http itself one allocation for its
// length, as BenchmarkBareWrite shows.
func TestSendDoesNotAllocate(t *testing.T) {
	s := openSession(t)
	event := benchmarkEvents()["100B"]
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = s.Send(event) }))
	assert.NoError(t, s.Context().Err())
}
