package mcphttp

import (
	"context"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A Gate gives the SDK the IDs of the sessions that it makes.
type Gate struct{ gate *idGate }

// NewGate returns a gate of nobody.
func NewGate() Gate { return Gate{newIDGate()} }

// Enter waits for the turn of an ID.
func (g Gate) Enter(ctx context.Context, id string) (leave func(), err error) {
	return g.gate.enter(ctx, id)
}

// ID is what the SDK asks.
func (g Gate) ID() string { return g.gate.id() }

// Log returns the log of a store.
func Log(s *Store) sse.Broker { return s.config.Broker }

// Queued returns how many messages a node remembers, those that have gone included.
func Queued(s *Store) int {
	s.replica.mu.Lock()
	defer s.replica.mu.Unlock()
	return len(s.replica.queue)
}

// EventID reads the ID of an event and writes it again.
func EventID(id string) (string, error) {
	p, err := parseEventID(id)
	return p.id(), err
}

// Record reads a record of the log and writes it again.
func Record(in []byte) ([]byte, error) {
	r, err := parseRecord(in)
	if err != nil {
		return nil, err
	}
	return r.encode()
}
