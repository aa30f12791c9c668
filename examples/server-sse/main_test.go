package main

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// The first three are Ktor's ApplicationTest: testEvents, testJsonEvents,
// testHeartbeat.

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		start := time.Now()
		response := host.Get("/events")
		count := 0
		for event := range ssetest.Events(t, response.Body) {
			require.Equal(t, "this is SSE #"+string(rune('0'+count)), event.Data)
			require.Equal(t, time.Duration(count)*time.Second, time.Since(start))
			count++
		}
		assert.Equal(t, 6, count)
	})
}

func TestJSONEvents(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "data: {\"id\":0,\"firstName\":\"Jet\",\"lastName\":\"Brains\"}\r\n\r\n"+
		"data: {\"id\":0,\"prices\":[100,200]}\r\n\r\n", apptest.Text(t, host.Get("/json")))
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		hellos, heartbeats := 0, 0
		for event := range ssetest.Events(t, host.Get("/heartbeat").Body) {
			switch event.Data {
			case "Hello":
				hellos++
			case "heartbeat":
				heartbeats++
			}
		}
		assert.Equal(t, 4, hellos)
		assert.Greater(t, heartbeats, 3)
	})
}

func TestCustomHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		var stamps []time.Time
		for event := range ssetest.Events(t, host.Get("/heartbeat-custom").Body) {
			if stamp, found := strings.CutPrefix(event.Data, "ts="); found {
				at, err := time.Parse(time.RFC3339Nano, stamp)
				require.NoError(t, err)
				stamps = append(stamps, at)
			}
		}
		require.Len(t, stamps, 2)
		assert.Equal(t, 30*time.Millisecond, stamps[1].Sub(stamps[0]))
	})
}

func TestHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		response := host.Get("/events", apptest.Header("Accept-Encoding", "gzip"))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
		assert.Equal(t, "no-store, no-transform", response.Header.Get("Cache-Control"))
		assert.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
		assert.Empty(t, response.Header.Get("Content-Encoding"), "the condition text/* matches, the marker comes first")
	})
}

func TestPageIsCompressed(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/", apptest.Header("Accept-Encoding", "gzip"))
	assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	assert.Equal(t, "Accept-Encoding", response.Header.Get("Vary"))
	assert.Contains(t, apptest.Text(t, host.Get("/")), "<!doctype html>")
}

func TestStopEndsStreamsAtOnce(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, Module, mode)
			response := host.Get("/events")
			events := ssetest.Take(t, response.Body, 1)
			require.Equal(t, "this is SSE #0", events[0].Data)
			start := time.Now()
			host.Stop()
			// The grace period is 1 s; a client of HTTP/2 has 100 ms to read GOAWAY.
			assert.LessOrEqual(t, time.Since(start), 100*time.Millisecond)
		})
	})
}
