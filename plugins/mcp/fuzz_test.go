package mcphttp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
)

// What is read as the ID of an event is written in one way.
func FuzzEventID(f *testing.F) {
	for _, id := range []string{"A_0", "_abc-12", "_", "A_", "A_-1", "A_01", "_abc-012", "A_9223372036854775808", "a_b_1"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if again, err := mcphttp.EventID(id); err == nil {
			assert.Equal(t, id, again)
		}
	})
}

// What is read as a record is written in one way.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("m\x01s\x01x\x05data"))
	f.Add([]byte("s\x01s\x00\x00{}"))
	f.Add([]byte("m\x00\x00\x00"))
	f.Add([]byte("m\x01s\xffx"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if again, err := mcphttp.Record(in); err == nil {
			assert.Equal(t, in, again)
		}
	})
}
