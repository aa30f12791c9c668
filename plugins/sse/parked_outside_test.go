package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// TestParkedSessionFromOutside: whoever finds a session among the open ones may do
// with it what its function may.
func TestParkedSessionFromOutside(t *testing.T) {
	failed := errors.New("work has failed")
	for name, test := range map[string]struct {
		act  func(t *testing.T, w *ward, s *sse.Session)
		text string
		ends bool // the stream, and not cleanly
	}{
		"Send": {func(t *testing.T, _ *ward, s *sse.Session) { assert.NoError(t, s.SendText("sent")) }, "data: sent\r\n\r\n", false},
		"Go": {func(t *testing.T, w *ward, s *sse.Session) {
			s.Go(func(ctx context.Context) error {
				for i := range 3 {
					if err := s.SendText(fmt.Sprint("work ", i)); err != nil {
						return err
					}
					if err := s.Delay(time.Second); err != nil {
						return err
					}
				}
				return ctx.Err()
			})
			elapse(time.Minute)
			assert.Equal(t, 1, w.sessions.Stats().Parked, "it stays parked")
		}, "data: work 0\r\n\r\ndata: work 1\r\n\r\ndata: work 2\r\n\r\n", false},
		"Go that fails": {func(_ *testing.T, _ *ward, s *sse.Session) {
			s.Go(func(context.Context) error { return failed })
		}, "", true},
		"Delay": {func(t *testing.T, _ *ward, s *sse.Session) {
			began := time.Now()
			assert.NoError(t, s.Delay(time.Hour))
			assert.Equal(t, time.Hour, time.Since(began))
		}, "", false},
		"Heartbeat": {func(_ *testing.T, _ *ward, s *sse.Session) {
			s.Heartbeat(every(time.Second, "beat"))
			elapse(1500 * time.Millisecond)
		}, "data: beat\r\n\r\ndata: beat\r\n\r\n", false},
		"Join": {func(t *testing.T, w *ward, s *sse.Session) {
			assert.NoError(t, w.hub.Join(s, "weather"))
			assert.NoError(t, w.hub.Publish(t.Context(), "weather", sse.Event{Data: "sunny"}))
		}, "data: sunny\r\n\r\n", false},
		"Join of another hub": {func(t *testing.T, w *ward, s *sse.Session) {
			assert.NoError(t, w.second.Join(s, "weather"))
			assert.NoError(t, w.second.Publish(t.Context(), "weather", sse.Event{Data: "sunny"}))
		}, "data: sunny\r\n\r\n", false},
		"Leave of one of two": {func(t *testing.T, w *ward, s *sse.Session) {
			assert.NoError(t, w.hub.Join(s, "weather"))
			w.hub.Leave(s, "weather")
			assert.NoError(t, w.hub.Publish(t.Context(), "weather", sse.Event{Data: "sunny"}))
		}, "", false},
		"SendAll, and a publisher": {func(t *testing.T, w *ward, s *sse.Session) {
			assert.NoError(t, s.SendText("first"))
			w.publish("second")
			settle()
			assert.NoError(t, s.SendText("third"))
		}, "data: first\r\n\r\ndata: second\r\n\r\ndata: third\r\n\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := transports[len(transports)-1].open(t, setting{hub: withoutReplay})
				client := w.park("HTTP/1.1")
				session := w.session()
				test.act(t, w, session)
				settle()
				if !test.ends {
					require.Equal(t, 1, w.sessions.Stats().Parked)
					session.Close()
				}
				text, clean := client.rest()
				assert.Equal(t, test.text, text)
				assert.Equal(t, !test.ends, clean)
				cause := <-w.ends
				if test.ends {
					assert.ErrorIs(t, cause, failed)
					assert.Len(t, w.log.take("level=ERROR"), 1)
				}
				w.wait("it is over", func() bool { return w.sessions.Stats().Parked == 0 })
				assert.Error(t, session.SendText("late"))
				session.Go(func(context.Context) error { assert.Fail(t, "it has run"); return nil })
			})
		})
	}
}

func withoutReplay(c *sse.HubConfig) { c.Replay = false }

// TestParkedSessionWaitsForItsWork: a stream that ends waits for what Go has begun,
// which may say a last word at a stop.
func TestParkedSessionWaitsForItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transports[len(transports)-1].open(t, setting{hub: withoutReplay, plugin: farewells})
		client := w.park("HTTP/1.1")
		session := w.session()
		session.Go(func(ctx context.Context) error {
			<-ctx.Done()
			elapse(100 * time.Millisecond)
			return session.SendText("last word")
		})
		settle()
		began := time.Now()
		require.NoError(t, w.stop())
		assert.Equal(t, 100*time.Millisecond, time.Since(began))
		text, clean := client.rest()
		assert.True(t, clean)
		assert.Contains(t, text, "data: last word\r\n\r\nevent: bye\r\n")
	})
}

// TestSessionWhoseConnectionIsBeingTakenOver: what is around the handler takes its
// time when that has returned. Nobody writes meanwhile, and nothing is lost (T1).
func TestSessionWhoseConnectionIsBeingTakenOver(t *testing.T) {
	for name, test := range map[string]struct {
		act  func(w *ward, s *sse.Session)
		text string
	}{
		"Go": {func(_ *ward, s *sse.Session) {
			s.Go(func(context.Context) error { return s.SendText("work") })
		}, "data: work\r\n\r\n"},
		"Send":      {func(w *ward, s *sse.Session) { go func() { assert.NoError(w.t, s.SendText("sent")) }() }, "data: sent\r\n\r\n"},
		"Heartbeat": {func(_ *ward, s *sse.Session) { s.Heartbeat(every(700*time.Millisecond, "beat")) }, "data: beat\r\n\r\n"},
		"Publish":   {func(w *ward, _ *sse.Session) { w.publish("news") }, "data: news\r\n\r\n"},
		"Join": {func(w *ward, s *sse.Session) {
			assert.NoError(w.t, w.hub.Join(s, "more"))
			assert.NoError(w.t, w.hub.Publish(w.t.Context(), "more", sse.Event{Data: "more"}))
		}, "data: more\r\n\r\n"},
		"Close": {func(_ *ward, s *sse.Session) { s.Close() }, ""},
		"Leave": {func(w *ward, s *sse.Session) { w.hub.Leave(s) }, ""},
		"End":   {func(_ *ward, s *sse.Session) { s.End(errLogout) }, "event: bye\r\ndata: bye\r\n\r\n"},
		"stop":  {func(w *ward, _ *sse.Session) { go func() { assert.NoError(w.t, w.stop()) }() }, "event: bye\r\ndata: bye\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := transports[len(transports)-1].open(t, setting{
					hub: withoutReplay,
					plugin: func(c *sse.Config) {
						c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Event: "bye", Data: "bye"} }
						c.Parking = sse.ParkAlways
					},
					app: func(c *app.Config) { c.ShutdownGrace = 3 * time.Second },
					module: func(a *app.Application) {
						a.Use(func(next http.Handler) http.Handler {
							return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
								next.ServeHTTP(rw, r)
								elapse(time.Second)
							})
						})
					},
				})
				client := w.connect("HTTP/1.1")
				settle()
				stats := w.sessions.Stats()
				require.Zero(t, stats.Parked)
				require.Zero(t, stats.Held)
				session := w.session()
				test.act(w, session)
				settle()
				elapse(time.Second)
				settle()
				session.Close()
				text, clean := client.rest()
				assert.True(t, clean)
				assert.Equal(t, test.text, text)
				<-w.ends
				assert.Empty(t, w.log.take("level=ERROR"))
				w.wait("it is over", func() bool { return w.sessions.Stats().Open == 0 })
			})
		})
	}
}
