package main

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/chitor-go/chitor/plugins/sse"
)

// How much is remembered.
const (
	entriesOfRoom = 50
	mostRooms     = 100
)

// history is what was spoken in each room lately. It is in the memory of the
// process. Its methods may be called concurrently.
type history struct {
	mu     sync.Mutex         // guards what follows
	spoken map[string][]Entry // by room
}

func newHistory() *history { return &history{spoken: map[string][]Entry{}} }

// add remembers what is spoken in a room, and forgets what that makes too much:
// the oldest entry, or the room that has been silent for longest.
func (h *history) add(room string, entry Entry) {
	if entry.Kind != spoken {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	entries := append(h.spoken[room], entry)
	h.spoken[room] = entries[max(0, len(entries)-entriesOfRoom):]
	if len(h.spoken) > mostRooms {
		delete(h.spoken, h.newestFirst()[mostRooms])
	}
}

// read adds an event of the log.
func (h *history) read(room string, event sse.Event) {
	var entry Entry
	if json.Unmarshal([]byte(event.Data), &entry) == nil {
		h.add(room, entry)
	}
}

// latest returns what is remembered of a room, the oldest first.
func (h *history) latest(room string) []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Entry{}, h.spoken[room]...)
}

// rooms returns the rooms of which something is remembered, that with the newest
// entry first.
func (h *history) rooms() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newestFirst()
}

func (h *history) newestFirst() []string {
	rooms := make([]string, 0, len(h.spoken))
	for room := range h.spoken {
		rooms = append(rooms, room)
	}
	slices.SortFunc(rooms, func(a, b string) int {
		x, y := h.spoken[a], h.spoken[b]
		if order := y[len(y)-1].At.Compare(x[len(x)-1].At); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
	return rooms
}
