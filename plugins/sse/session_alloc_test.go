//go:build !race

package sse_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// What a stream keeps that waits in a hub for one topic, each in its size class.
func TestMemberFillsItsSizeClass(t *testing.T) {
	t.Parallel()
	rare := fieldOf(t, reflect.TypeFor[sse.Session](), "rare")
	member := fieldOf(t, fieldOf(t, rare, "joining"), "first")
	assert.LessOrEqual(t, rare.Size(), uintptr(64))
	assert.LessOrEqual(t, fieldOf(t, member, "first").Size(), uintptr(40), "of one topic, in the member")
	assert.LessOrEqual(t, member.Size(), uintptr(112))
}

// fieldOf returns the type of a field of a struct, or what it points to.
func fieldOf(t *testing.T, of reflect.Type, name string) reflect.Type {
	t.Helper()
	field, found := of.FieldByName(name)
	require.True(t, found, "%s has no field %s", of, name)
	if field.Type.Kind() == reflect.Pointer {
		return field.Type.Elem()
	}
	return field.Type
}
