package sse_test

import (
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Whoever has a session may join it while its function returns. A session that is
// over is in no hub, whichever comes first.
func TestNobodyJoinsASessionThatEnds(t *testing.T) {
	const sessions = 3000
	var hub *sse.Hub
	var joining sync.WaitGroup
	host := apptest.Start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		a.Install(sse.Plugin)
		hub = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				// At any moment around the end, in other streams at another one.
				moments := int(s.ID()) % 100 * 50
				joining.Go(func() {
					for range moments {
						_ = s.ID()
					}
					_ = hub.Join(s, "news")
					s.Close() // else one that has joined in time goes on
				})
				return nil
			})
		})
	})
	for range sessions {
		response := host.Get("/events")
		_, err := io.ReadAll(response.Body)
		require.NoError(t, err)
	}
	joining.Wait()
	assert.Zero(t, hub.Stats().Sessions)
}
