package sse_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Whoever waits for another sender, whose client does not read, is told in the
// fake time of a test as well.
func TestSendersWaitForOneThatIsStuck(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const senders = 5
		ends := make(chan ended, senders)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for range senders {
					s.Go(func(context.Context) error { return stuck(ends)(s) })
				}
				return nil
			})
		})
		h.get("/events")
		for range senders {
			end := <-ends
			assert.ErrorIs(t, end.sent, sse.ErrWriteTimeout)
			assert.Equal(t, 30*time.Second, end.after)
		}
	})
}
