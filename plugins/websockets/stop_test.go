package websockets_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
