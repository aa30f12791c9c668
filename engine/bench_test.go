package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

func BenchmarkKeepAlive(b *testing.B) {
	listener := memnet.Listen()
	server := engine.EmbeddedServer(answer(hello), engine.Listener(listener), quiet)
	require.NoError(b, server.Start(b.Context()))
	b.Cleanup(func() { _ = server.Stop(context.Background()) })
	roundTrip := exchange(b, listener)
	b.ReportAllocs()
	for b.Loop() {
		roundTrip()
	}
}
