package sse_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
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

// leaveAtOnce has an application stop that has no call.
func leaveAtOnce(t *testing.T, a *app.Application) {
	t.Helper()
	synctest.Wait()
	sessions, _ := sse.SessionsOf(a)
	assert.Zero(t, sessions.Stats().Open)
	assert.Zero(t, sessions.Stats().Parked)
	began := time.Now()
	assert.NoError(t, a.Stop(context.WithoutCancel(t.Context())))
	assert.Zero(t, time.Since(began))
}

// TestCodeAroundThatFailsCutsTheStream: between the function of the stream and its
// parking, with an end that exits as well.
func TestCodeAroundThatFailsCutsTheStream(t *testing.T) {
	for name, fail := range map[string]func(){
		"panics": func() { panic("around") },
		"aborts": func() { panic(http.ErrAbortHandler) },
		"exits":  runtime.Goexit,
	} {
		for how, end := range map[string]func(){"returns": func() {}, "exits": runtime.Goexit} {
			t.Run(name+", and OnEnd "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var hub *sse.Hub
					finished := 0
					host := apptest.Start(t, func(a *app.Application) {
						app.RoutingCallFinished.Subscribe(a, func(*app.Call) { finished++ })
						a.Install(sse.Plugin.With(func(c *sse.Config) { c.Parking = sse.ParkAlways }))
						hub = sse.NewHub(a)
						routing.Routes(a, func(r *routing.Route) {
							r.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
								return func(c *app.Call) error {
									_ = next(c)
									fail()
									return nil
								}
							})
							r.SSE("/news", func(s *sse.Session) error {
								s.OnEnd(func(error) { end() })
								return hub.Join(s, "news")
							})
						})
					})
					_, err := io.ReadAll(host.Get("/news").Body)
					assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
					leaveAtOnce(t, host.Application())
					assert.Equal(t, 1, finished)
				})
			})
		}
	}
}

// TestParkedStreamEndsWhateverExits: no hook at the end of a call keeps it from
// ending.
func TestParkedStreamEndsWhateverExits(t *testing.T) {
	hook := func(add func(b *app.PluginBuilder[struct{}])) app.Module {
		return func(a *app.Application) {
			a.Install(app.NewPlugin("Exit", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				add(b)
				return nil
			}))
		}
	}
	for name, module := range map[string]app.Module{
		"OnCallFailed": hook(func(b *app.PluginBuilder[struct{}]) {
			b.OnCallFailed(func(*app.Call, error) error { runtime.Goexit(); return nil })
		}),
		"OnResponseSent": hook(func(b *app.PluginBuilder[struct{}]) {
			b.OnResponseSent(func(*app.Call) { runtime.Goexit() })
		}),
		"RoutingCallFinished": func(a *app.Application) {
			app.RoutingCallFinished.Subscribe(a, func(*app.Call) { runtime.Goexit() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, func(a *app.Application) {
					module(a)
					a.Install(sse.Plugin)
					hub = sse.NewHub(a)
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/news", func(s *sse.Session) error {
							return hub.Where(func(string, sse.Event) bool { panic("filter") }).Join(s, "news")
						})
					})
				})
				response := host.Get("/news")
				synctest.Wait()
				sessions, _ := sse.SessionsOf(host.Application())
				require.Equal(t, 1, sessions.Stats().Parked)
				require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "hello"}))
				_, err := io.ReadAll(response.Body)
				assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
				leaveAtOnce(t, host.Application())
			})
		})
	}
}
