package sse_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
)

// The names of topics take memory like events do, and may come from clients.
func TestNamesOfTopicsAreLimitedLikeEvents(t *testing.T) {
	var hub *sse.Hub
	apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.LogBytes = 1 << 20 }))
	for i := range 1000 {
		put(t, hub, fmt.Sprint(i, strings.Repeat("x", 100<<10)), "short")
	}
	stats := hub.Stats()
	assert.Equal(t, 10, stats.Topics)
	assert.Greater(t, stats.LogBytes, 10*100<<10)
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	assert.Less(t, memory.HeapAlloc, uint64(30<<20), "of 100 MB")

	err := hub.Publish(t.Context(), strings.Repeat("x", 2<<20), sse.Event{Data: "short"})
	require.ErrorIs(t, err, sse.ErrInvalidEvent)
	require.ErrorContains(t, err, "the event and its topic have 2097167 bytes, and LogBytes of the hub is 1048576")
}
