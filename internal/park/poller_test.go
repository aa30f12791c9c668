package park_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/park"
)

// A Poller has a goroutine while something is parked, and may be used again.
func TestGoroutinesEndWithTheLastConnection(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		var poller park.Poller
		for range 3 {
			_, first := k.connect(t)
			_, second := k.connect(t)
			one, two := poller.Take(first, true, nil), poller.Take(second, true, nil)
			one.End(nil)
			requireBusy(t)
			two.Abort()
			requireQuiet(t)
		}
	})
}

func TestClose(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		var poller park.Poller
		client, server := k.connect(t)
		stuck, stuckServer := k.connect(t)
		gone := newCalls()
		conn := poller.Take(server, true, gone.call)
		require.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
		blocked := poller.Take(stuckServer, true, gone.call)
		waits, failed := newCalls(), make(chan error)
		go func() { failed <- fill(blocked, 0, waits.once) }()
		<-waits

		poller.Close()
		assert.Len(t, gone, 2)
		assert.ErrorIs(t, <-failed, net.ErrClosed)
		got, _ := io.ReadAll(client)
		assert.Equal(t, "1\r\n1\r\n", string(got))
		_, _ = io.Copy(io.Discard, stuck)
		conn.End(nil)
		blocked.Abort()
		assert.ErrorIs(t, conn.Write([]byte("2"), time.Minute, nil), net.ErrClosed)

		late, lateServer := k.connect(t)
		conn = poller.Take(lateServer, true, gone.call)
		assert.Len(t, gone, 3)
		assert.Error(t, conn.Write([]byte("1"), time.Minute, nil))
		conn.End(nil)
		got, _ = io.ReadAll(late)
		assert.Empty(t, got)
		poller.Close()
		assert.Len(t, gone, 3)
	})
}
