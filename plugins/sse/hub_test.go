package sse_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// news is an application with a hub, and a stream of the topics that a client
// names.
func news(hub **sse.Hub, configure ...func(*sse.HubConfig)) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		*hub = sse.NewHub(a, configure...)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				return (*hub).Join(s, s.Call().Request.URL.Query()["topic"]...)
			})
		})
	}
}

func TestHubDeliversToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		first, second := host.Get("/events?topic=a&topic=b"), host.Get("/events?topic=b")
		synctest.Wait()
		for i := range 3 {
			require.NoError(t, hub.Publish(t.Context(), "a", sse.Event{Data: fmt.Sprint("a", i)}))
			require.NoError(t, hub.Publish(t.Context(), "b", sse.Event{Data: fmt.Sprint("b", i)}))
		}
		var got []string
		for _, event := range ssetest.Take(t, first.Body, 6) {
			got = append(got, event.Data)
		}
		assert.Equal(t, []string{"a0", "b0", "a1", "b1", "a2", "b2"}, got)
		events := ssetest.Take(t, second.Body, 2)
		assert.Equal(t, "b1", events[1].Data)

		resumed := host.Get("/events?topic=a&topic=b", apptest.Header("Last-Event-ID", events[1].ID))
		for _, event := range ssetest.Take(t, resumed.Body, 2) {
			got = append(got, event.Data)
		}
		assert.Equal(t, []string{"a2", "b2"}, got[6:])
	})
}

// A hub that is closed delivers what it was given, and the streams end cleanly.
func TestClosedHubDeliversTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub))
		response := host.Get("/events?topic=a")
		synctest.Wait()
		require.NoError(t, hub.Publish(t.Context(), "a", sse.Event{Data: "the last"}))
		hub.Close()
		require.ErrorIs(t, hub.Publish(t.Context(), "a", sse.Event{Data: "too late"}), sse.ErrClosed)
		var got []string
		for event := range ssetest.Events(t, response.Body) {
			got = append(got, event.Data)
		}
		assert.Equal(t, []string{"the last"}, got)
	})
}

func TestWorkCannotJoinWhenTheFunctionHasReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late error
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub := sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					s.Go(func(context.Context) error {
						time.Sleep(time.Second)
						late = hub.Join(s, "a")
						return nil
					})
					return nil
				})
			})
		})
		assert.Empty(t, slices.Collect(ssetest.Events(t, host.Get("/events").Body)))
		require.EqualError(t, late, "join a hub: the function of the stream has returned")
	})
}
