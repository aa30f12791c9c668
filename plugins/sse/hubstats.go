package sse

import (
	"sync/atomic"
	"time"
)

// HubStats are the counters of [Hub.Stats]. Those from Published on only grow.
type HubStats struct {
	// Sessions is how many sessions have joined.
	Sessions int
	// Topics is how many topics have sessions, or events in the log.
	Topics int
	// LogEvents and LogBytes are what the log holds, as [HubConfig] counts it.
	LogEvents, LogBytes int
	// Published is how many events have come into the log.
	Published uint64
	// Delivered is how many events sessions have sent.
	Delivered uint64
	// Missed is how often a client was told that it has missed events.
	Missed uint64
	// Lagged is how many sessions have ended with ErrLagged because they were not
	// waited for any longer.
	Lagged uint64
	// Waited is for how long publishers have waited for clients.
	Waited time.Duration
}

// hubCounts are what a hub counts. What is not atomic is guarded by the hub's mu.
type hubCounts struct {
	published                 uint64
	delivered, missed, lagged atomic.Int64
}

// Stats returns the counters as they are now.
func (h *Hub) Stats() HubStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return HubStats{
		Sessions: h.joined, Topics: len(h.topics),
		LogEvents: h.log.len(), LogBytes: int(h.log.bytes.Load()),
		Published: h.counts.published, Delivered: uint64(h.counts.delivered.Load()),
		Missed: uint64(h.counts.missed.Load()), Lagged: uint64(h.counts.lagged.Load()),
		Waited: time.Duration(h.room.total.Load()),
	}
}
