package sse_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
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

// startParking serves streams that can be parked.
func startParking(t *testing.T, serve func(s *sse.Session)) (*apptest.Host, *sse.Sessions) {
	t.Helper()
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		hub := sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error {
				serve(s)
				return hub.Join(s, "news")
			})
		})
	})
	sessions, _ := sse.SessionsOf(host.Application())
	return host, sessions
}

// TestEndsThatTakeTheirTimeHoldUpNoOther: they are more than there are goroutines for
// ends.
func TestEndsThatTakeTheirTimeHoldUpNoOther(t *testing.T) {
	const slow = 100
	for name, begin := range map[string]func(s *sse.Session){
		"work": func(s *sse.Session) {
			s.Go(func(context.Context) error {
				time.Sleep(time.Second)
				return nil
			})
		},
		"somebody sends": func(s *sse.Session) {
			go func() { _ = s.SendText(strings.Repeat("x", 1<<20)) }()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host, sessions := startParking(t, func(*sse.Session) {})
				quick := host.Get("/news") // the last one to be ended
				for range slow {
					host.Get("/news")
				}
				synctest.Wait()
				require.Equal(t, slow+1, sessions.Stats().Parked)
				for s := range sessions.All() {
					if s.ID() > 1 {
						begin(s)
					}
				}
				synctest.Wait()
				sessions.CloseAll()
				synctest.Wait()
				assert.Equal(t, slow, sessions.Stats().Open)
				_, err := io.ReadAll(quick.Body)
				assert.NoError(t, err)
			})
		})
	}
}

// TestParkedStreamIsCutWhoseEndExits, as a stream that is held.
func TestParkedStreamIsCutWhoseEndExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, sessions := startParking(t, func(s *sse.Session) { s.OnEnd(func(error) { runtime.Goexit() }) })
		response := host.Get("/news")
		synctest.Wait()
		require.Equal(t, 1, sessions.Stats().Parked)
		sessions.CloseAll()
		_, err := io.ReadAll(response.Body)
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		leaveAtOnce(t, host.Application())
	})
}

// TestParkedStreamHasItsPlaceUntilItsEnd among those that MaxSessionsPerKey allows, and
// gives it back once.
func TestParkedStreamHasItsPlaceUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin.With(func(c *sse.Config) {
				c.MaxSessions, c.MaxSessionsPerKey = 2, 2
				c.Key = func(*app.Call) string { return "all" }
			}))
			hub := sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
			})
		})
		sessions, _ := sse.SessionsOf(host.Application())
		for range 3 {
			for range 2 {
				require.Equal(t, http.StatusOK, host.Get("/news").StatusCode)
			}
			synctest.Wait()
			require.Equal(t, 2, sessions.Stats().Parked)
			require.Equal(t, http.StatusServiceUnavailable, host.Get("/news").StatusCode)
			sessions.CloseAll()
			synctest.Wait()
		}
	})
}

// TestStreamIsHeldWhileItsWorkRuns, and parked when that has returned.
func TestStreamIsHeldWhileItsWorkRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, sessions := startParking(t, func(s *sse.Session) {
			s.Go(func(context.Context) error {
				time.Sleep(time.Second)
				return nil
			})
		})
		host.Get("/news")
		synctest.Wait()
		assert.Zero(t, sessions.Stats().Parked)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, 1, sessions.Stats().Parked)
	})
}
