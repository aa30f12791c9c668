package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogsAreOpenedByTheirAddress(t *testing.T) {
	for _, address := range []string{"", "embedded", "embedded://127.0.0.1:0"} {
		t.Run(address, func(t *testing.T) {
			logs, closeLogs, err := open(t.Context(), address)
			require.NoError(t, err)
			before, err := logs.Signals.Last(t.Context())
			require.NoError(t, err)
			position, err := logs.Messages.Publish(t.Context(), "lobby", []byte("data: x\r\n\r\n"))
			require.NoError(t, err)
			last, err := logs.Messages.Last(t.Context())
			require.NoError(t, err)
			assert.Equal(t, position, last)
			after, err := logs.Signals.Last(t.Context())
			require.NoError(t, err)
			assert.Equal(t, before, after, "it is another log")
			require.NoError(t, closeLogs(t.Context()))
		})
	}
}

func TestAddressesThatAreMistakes(t *testing.T) {
	for address, message := range map[string]string{
		"somewhere":          `"somewhere"`,
		"kafka://localhost":  `"kafka://localhost"`,
		"embedded://nowhere": "missing port",
		"redis://:x:y":       "the URL cannot be read",
		"nats://127.0.0.1:1": "no servers available",
	} {
		_, _, err := open(t.Context(), address)
		require.ErrorContains(t, err, message)
	}
}
