package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A history keeps the latest figures of each topic. Its methods may be called
// from any goroutine.
type history struct {
	limit int // how many figures of a name are kept

	mu      sync.Mutex
	columns map[string]map[string][]float64 // by topic and name, the oldest first
}

func newHistory(limit int) *history {
	return &history{limit: limit, columns: map[string]map[string][]float64{}}
}

// add appends the figures of a topic.
func (h *history) add(topic string, taken figures) {
	h.mu.Lock()
	defer h.mu.Unlock()
	columns := h.columns[topic]
	if columns == nil {
		columns = map[string][]float64{}
		h.columns[topic] = columns
	}
	for name, value := range taken {
		column := append(columns[name], value)
		columns[name] = slices.Delete(column, 0, max(0, len(column)-h.limit))
	}
}

// send sends all that is kept, as one event.
func (h *history) send(s *sse.Session) error {
	h.mu.Lock()
	data, err := json.Marshal(h.columns)
	h.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encode the history: %w", err)
	}
	return s.Send(sse.Event{Event: "history", Data: string(data)})
}
