package sse_test

import (
	"compress/gzip"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// TestEncodedStreamIsHeld: that hooks put something around the body is known when
// the head has left.
func TestEncodedStreamIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(compression.Plugin.With(func(c *compression.Config) {
				c.EventStreams(func(*compression.EventStreamConfig) {})
			}))
			hub = sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
			})
		})
		response := host.Get("/news", apptest.Header("Accept-Encoding", "gzip"))
		synctest.Wait()
		sessions, _ := sse.SessionsOf(host.Application())
		assert.Zero(t, sessions.Stats().Parked)
		assert.Equal(t, sse.HeldStats{Writer: 1}, sessions.Stats().Held)
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "hello"}))
		require.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
		plain, err := gzip.NewReader(response.Body)
		require.NoError(t, err)
		for event := range ssetest.Events(t, plain) {
			assert.Equal(t, "hello", event.Data)
			break
		}
	})
}
