package sse_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
)

// StallLimit is the time of the client and not that of each call: publishers that
// have less time than that each are not held up again and again.
func TestHastyPublishersWaitForAClientTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, hub := newsOf(t, func(c *sse.HubConfig) { c.LagLimit = 0 })
		listen(t, host)
		synctest.Wait()
		event := sse.Event{Data: strings.Repeat("x", 1<<10)}
		var late int
		began := time.Now()
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			err := hub.Publish(ctx, "news", event)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				late++
				continue
			}
			require.NoError(t, err)
		}
		assert.Equal(t, 3, late)
		assert.Equal(t, time.Second, time.Since(began), "StallLimit")
		synctest.Wait()
		assert.Zero(t, hub.Stats().Sessions)
	})
}

// A publisher whose context has ended publishes nothing, with a Broker and without.
func TestPublishAfterTheEndOfItsContext(t *testing.T) {
	for name, broker := range map[string]sse.Broker{"memory": nil, "broker": sse.NewMemoryBroker(10)} {
		t.Run(name, func(t *testing.T) {
			var hub *sse.Hub
			apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Broker = broker }))
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("the publisher has gone")
			cancel(cause)
			err := hub.Publish(ctx, "news", sse.Event{Data: "too late"})
			require.ErrorIs(t, err, cause)
			assert.Zero(t, hub.Stats().Published)
		})
	}
}
