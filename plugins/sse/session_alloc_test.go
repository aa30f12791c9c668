//go:build !race

package sse_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
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

// A process has as many sessions as it has streams. One byte more, and the
// allocator gives each of them 288.
func TestSessionFillsItsSizeClass(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, reflect.TypeFor[sse.Session]().Size(), uintptr(256))
}
