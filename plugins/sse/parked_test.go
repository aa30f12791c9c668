package sse_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// TestStreamIsParked: on the in-memory network of a test as anywhere.
func TestStreamIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub = sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
			})
		})
		response := host.Get("/news")
		synctest.Wait()
		sessions, _ := sse.SessionsOf(host.Application())
		assert.Equal(t, 1, sessions.Stats().Parked)
		assert.Zero(t, sessions.Stats().Held)
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "hello"}))
		for event := range ssetest.Events(t, response.Body) {
			assert.Equal(t, "hello", event.Data)
			break
		}
	})
}
