package sse_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestWhatComesWhileAStreamIsMoved is not lost: nobody delivers to it meanwhile.
func TestWhatComesWhileAStreamIsMoved(t *testing.T) {
	for name, test := range map[string]struct {
		come func(t *testing.T, hub *sse.Hub, sessions *sse.Sessions)
		want string
	}{
		"an event": {func(t *testing.T, hub *sse.Hub, _ *sse.Sessions) {
			require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "hello"}))
		}, "data: hello"},
		"the end of the hub": {func(_ *testing.T, hub *sse.Hub, _ *sse.Sessions) { hub.Close() }, ""},
		"its end":            {func(_ *testing.T, _ *sse.Hub, sessions *sse.Sessions) { sessions.CloseAll() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(sse.Plugin.With(func(c *sse.Config) { c.Parking = sse.ParkAlways }))
					hub = sse.NewHub(a)
					routing.Routes(a, func(r *routing.Route) {
						r.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
							return func(c *app.Call) error {
								err := next(c)
								sessions, _ := sse.SessionsOf(a)
								test.come(t, hub, sessions)
								return err
							}
						})
						r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
					})
				})
				response := host.Get("/news")
				synctest.Wait()
				sessions, _ := sse.SessionsOf(host.Application())
				if test.want == "" {
					assert.Zero(t, sessions.Stats().Open)
				} else {
					assert.Equal(t, 1, sessions.Stats().Parked)
					sessions.CloseAll()
				}
				text, err := io.ReadAll(response.Body)
				assert.NoError(t, err)
				assert.Contains(t, string(text), test.want)
			})
		})
	}
}

// TestWorkWaitsWhileAStreamIsMoved: the call is not what it was, until it is parked.
func TestWorkWaitsWhileAStreamIsMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parked := make(chan int, 1)
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin.With(func(c *sse.Config) { c.Parking = sse.ParkAlways }))
			hub := sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
					return func(c *app.Call) error {
						err := next(c)
						sessions, _ := sse.SessionsOf(a)
						for s := range sessions.All() {
							s.Go(func(context.Context) error {
								parked <- sessions.Stats().Parked
								return nil
							})
						}
						time.Sleep(time.Second)
						return err
					}
				})
				r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
			})
		})
		host.Get("/news")
		assert.Equal(t, 1, <-parked)
	})
}
