package websockets_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

func TestEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(echo))
		conn := dial(t, host)
		say(t, conn, "Hello")
		assert.Equal(t, "Hello", hear(t, conn))
		require.NoError(t, conn.Close(websocket.StatusNormalClosure, "bye"))
		synctest.Wait()
		assert.Equal(t, websockets.Stats{
			Opened: 1, Sent: 1, SentBytes: 5, Received: 1, ReceivedBytes: 5, ClientsClosed: 1,
		}, sessionsOf(t, host).Stats())
	})
}

// TestAStopTellsEachClientAtOnce, also those of functions that wait for something
// else.
func TestAStopTellsEachClientAtOnce(t *testing.T) {
	for name, serve := range map[string]func(*websockets.Session) error{
		"that receives": echo,
		"that waits":    func(s *websockets.Session) error { <-s.Context().Done(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, serving(serve))
				conn := dial(t, host)
				synctest.Wait()
				began := time.Now()
				closed := make(chan websocket.CloseError, 1)
				go func() {
					_, _, err := conn.Read(t.Context())
					var reason websocket.CloseError
					assert.ErrorAs(t, err, &reason)
					closed <- reason
				}()
				host.Stop()
				assert.Equal(t, websocket.CloseError{Code: websocket.StatusGoingAway}, <-closed)
				elapsed(t, began, 0)
			})
		})
	}
}

// TestAStopCutsADeafClient when the grace is over: it does not answer the close
// frame, because it does not read.
func TestAStopCutsADeafClient(t *testing.T) {
	for name, serve := range map[string]func(*websockets.Session) error{
		"whose buffers have room": echo,
		"whose buffers are full": func(s *websockets.Session) error {
			for {
				if err := s.SendBinary(make([]byte, 100_000)); err != nil {
					return err
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, serving(serve))
				dial(t, host)
				synctest.Wait()
				began := time.Now()
				host.Stop()
				elapsed(t, began, time.Second)
			})
		})
	}
}

// TestAThousandWebSocketsAtAStop, of which half are deaf: those that read get 1001
// at once, and the others hold up the stop for the grace period alone.
func TestAThousandWebSocketsAtAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 1000
		host := apptest.Start(t, serving(echo))
		answered := make(chan time.Time, clients)
		for i := range clients {
			conn := dial(t, host)
			if i%2 == 0 {
				continue // it never reads
			}
			go func() {
				_, _, err := conn.Read(t.Context())
				assert.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err))
				answered <- time.Now()
			}()
		}
		synctest.Wait()
		sessions := sessionsOf(t, host)
		require.Equal(t, clients, sessions.Stats().Open)
		began := time.Now()
		host.Stop()
		elapsed(t, began, time.Second)
		for range clients / 2 {
			assert.Equal(t, began, <-answered)
		}
		assert.Equal(t, websockets.Stats{Opened: clients, Stopped: clients}, sessions.Stats())
		assert.Len(t, host.Log().Find("the WebSocket ended"), clients)
		assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
	})
}

// TestAfterAStopHasBegun nothing is opened any more, and a function that does not
// care for the end holds up the stop as any handler does.
func TestAfterAStopHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			assert.ErrorIs(t, wait(s), websockets.ErrStopping)
			assert.ErrorIs(t, s.SendText("late"), websockets.ErrStopping)
			<-release
			return nil
		}))
		client := dialRaw(t, host)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			host.Stop()
		}()
		client.requireClosed(1001)
		synctest.Wait()
		select {
		case <-stopped:
			t.Error("the stop has not waited for the function")
		default:
		}
		close(release)
		<-stopped
	})
}

// TestAWebSocketThatOpensWhileTheApplicationStops is told at once too: its handshake
// was on its way.
func TestAWebSocketThatOpensWhileTheApplicationStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived, release, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
		host := apptest.Start(t, func(a *app.Application) {
			a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					close(arrived)
					<-release
					return next(c)
				}
			})
			serving(wait)(a)
		})
		go func() {
			<-arrived
			go func() {
				time.Sleep(time.Millisecond)
				close(release)
			}()
			host.Stop()
			close(stopped)
		}()
		began := time.Now()
		client := dialRaw(t, host)
		client.requireClosed(1001)
		elapsed(t, began, time.Millisecond)
		<-stopped
	})
}
