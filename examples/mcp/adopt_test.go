package main

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

const slowCount = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"count",` +
	`"arguments":{"to":2,"pause":40000},"_meta":{"progressToken":"p"}}}`

// streams opens the stream of a request and the one of no request.
func streams(t *testing.T, host *apptest.Host) (called, alone *http.Response) {
	t.Helper()
	begun := post(host, initialize)
	_ = apptest.Text(t, begun)
	id := begun.Header.Get("Mcp-Session-Id")
	alone = host.Get("/mcp", with("Mcp-Session-Id", id))
	called = post(host, slowCount, "Mcp-Session-Id", id, "Mcp-Protocol-Version", "2025-11-25")
	return called, alone
}

// A tool thinks for longer than a proxy waits for.
func TestHeartbeatsWhileAToolThinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(nil))
		called, alone := streams(t, host)
		var kinds []string
		comments := func(c *sse.ReaderConfig) { c.Comments = true }
		for event := range ssetest.Events(t, called.Body, comments) {
			kind := event.Event
			if event.Comments != "" {
				kind = ":" + event.Comments
			}
			kinds = append(kinds, kind)
		}
		// Twice 40 s, and a beat after each 15 s of silence.
		assert.Equal(t, []string{"prime", "message", ":heartbeat", ":heartbeat", "message", ":heartbeat", ":heartbeat", "message"}, kinds)
		sessions, ok := sse.SessionsOf(host.Application())
		require.True(t, ok)
		assert.Equal(t, 1, sessions.Stats().Open, "the stream of no request")
		require.NoError(t, alone.Body.Close())
	})
}

// A stop is told at once, and both streams end cleanly.
func TestAStopEndsTheStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(nil))
		called, alone := streams(t, host)
		ssetest.Take(t, called.Body, 2)
		start := time.Now()
		stopped := make(chan time.Duration, 1)
		go func() {
			host.Stop()
			stopped <- time.Since(start)
		}()
		for _, response := range []*http.Response{called, alone} {
			_, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Zero(t, time.Since(start))
		}
		assert.Equal(t, 4*time.Second, <-stopped, "the tool has what the stop has, but a second")
	})
}
