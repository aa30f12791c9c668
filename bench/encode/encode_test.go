package encode_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/bench/turns"
	"github.com/chitor-go/chitor/plugins/sse"
)

func TestVariantsSendAClientTheSame(t *testing.T) {
	for kind, e := range map[string]event{"short": short(), "lines": lines()} {
		for name, encode := range variants(t, e) {
			t.Run(kind+"/"+name, func(t *testing.T) {
				for range 2 {
					var events []sse.Event
					for event, err := range sse.NewReader(bytes.NewReader(encode())).All() {
						require.NoError(t, err)
						events = append(events, sse.Event{ID: event.ID, Event: event.Event, Data: event.Data})
					}
					assert.Equal(t, []sse.Event{{ID: e.id, Event: e.name, Data: e.data}}, events)
				}
			})
		}
	}
}

func BenchmarkEncodeShort(b *testing.B) { measure(b, short()) }

func BenchmarkEncodeLines(b *testing.B) { measure(b, lines()) }

func measure(b *testing.B, e event) {
	b.Helper()
	operations := map[string]func(){}
	for name, encode := range variants(b, e) {
		operations[name] = func() { encode() }
	}
	turns.Benchmark(b, operations)
}
