package sse_test

import (
	"reflect"
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

// After a restart all clients come back: they are to take no more than new ones.
func TestHubForgetsThatAClientCameBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		sessions, installed := sse.SessionsOf(host.Application())
		require.True(t, installed)
		before := host.Get("/events?topic=a")
		synctest.Wait()
		for _, data := range []string{"0", "1", "2"} {
			put(t, hub, "a", data)
		}
		events := ssetest.Take(t, before.Body, 3)
		require.NoError(t, before.Body.Close())
		synctest.Wait()
		for _, id := range []string{events[0].ID, events[2].ID, "unknown-1", "unknown"} {
			response := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", id))
			synctest.Wait()
			for s := range sessions.All() {
				member := reflect.ValueOf(s).Elem().FieldByName("rare").Elem().FieldByName("joining").FieldByName("first")
				assert.True(t, member.Elem().FieldByName("trouble").FieldByName("v").IsZero(), id)
			}
			require.NoError(t, response.Body.Close())
			synctest.Wait()
		}
	})
}

// What a client had when it came back, it is not given as the newest event, also if
// the hub knew nothing of that any more when the topic was joined.
func TestLateNewestEventIsNotOneThatTheClientHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			news(&hub)(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/late", func(s *sse.Session) error { return hub.Join(s, "a") })
			})
		})
		sessions, installed := sse.SessionsOf(host.Application())
		require.True(t, installed)
		before := host.Get("/events?topic=a&topic=b&topic=c")
		synctest.Wait()
		for _, topic := range []string{"b", "a", "c"} {
			put(t, hub, topic, topic)
		}
		events := ssetest.Take(t, before.Body, 3)
		require.NoError(t, before.Body.Close())
		synctest.Wait()

		response := host.Get("/late", apptest.Header("Last-Event-ID", events[1].ID))
		synctest.Wait()
		for s := range sessions.All() {
			require.NoError(t, hub.Newest().Join(s, "b"))
			require.NoError(t, hub.Newest().Join(s, "c"))
		}
		synctest.Wait()
		put(t, hub, "a", "the last")
		assert.Equal(t, []string{"c", "the last"}, dataOf(ssetest.Take(t, response.Body, 2)))
	})
}
