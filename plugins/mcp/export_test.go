package mcphttp

import "github.com/chitor-go/chitor/plugins/sse"

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
