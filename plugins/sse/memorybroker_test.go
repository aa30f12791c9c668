package sse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
)

func TestMemoryBroker(t *testing.T) {
	brokertest.TestInBubbles(t, func(*testing.T) brokertest.Log {
		broker := sse.NewMemoryBroker(0)
		return brokertest.Log{
			Open:   func(testing.TB) sse.Broker { return broker },
			Forget: func(testing.TB) { broker.Reset() },
		}
	})
}

func TestMemoryBrokerKeepsTheNewest(t *testing.T) {
	t.Parallel()
	broker := sse.NewMemoryBroker(2)
	var at []sse.Position
	for range 3 {
		position, err := broker.Publish(t.Context(), "topic", []byte("data: x\r\n\r\n"))
		require.NoError(t, err)
		at = append(at, position)
	}
	for after, want := range map[sse.Position]error{
		{Epoch: at[0].Epoch}: sse.ErrGap, at[0]: nil, at[1]: nil, at[2]: nil,
	} {
		var got error
		for _, err := range broker.Range(t.Context(), after, 10, []string{"topic"}) {
			got = err
		}
		require.ErrorIs(t, got, want, "behind %s", after)
	}
}
