package mcphttp

import "github.com/chitor-go/chitor/plugins/sse"

// Log returns the log of a store.
func Log(s *Store) sse.Broker { return s.config.Broker }

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
