//go:build !race

// The race detector makes pools forget.

package engine_test

import (
	"context"
	"math"
	"net"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/memnet"
)

// A bare http.Server serves the same application.
func TestServerAddsNoAllocations(t *testing.T) {
	server, listener := start(t, answer(hello))
	bareListener := memnet.Listen()
	bare := &http.Server{
		Handler:     server.Application(),
		BaseContext: func(net.Listener) context.Context { return server.Application().Context() },
	}
	go func() { _ = bare.Serve(bareListener) }()
	t.Cleanup(func() { _ = bare.Close() })

	assert.LessOrEqual(t, perExchange(t, listener), perExchange(t, bareListener))
}

// perExchange returns how many allocations an exchange takes, rounded to the
// nearest: what the server does after the client has the response may be counted
// with it or not. What else the process allocates counts as well, so that the
// least of several tries is nearest to it.
func perExchange(t *testing.T, listener *memnet.Listener) uint64 {
	t.Helper()
	const runs = 500
	roundTrip := exchange(t, listener)
	roundTrip()
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			roundTrip()
		}
		runtime.ReadMemStats(&after)
		least = min(least, (after.Mallocs-before.Mallocs+runs/2)/runs)
	}
	return least
}
