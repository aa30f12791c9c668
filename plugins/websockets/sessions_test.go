package websockets_test

import (
	"bufio"
	"io"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// refusedWith asks for a WebSocket that is refused.
func refusedWith(t *testing.T, host *apptest.Host) *http.Response {
	t.Helper()
	conn := host.Dial()
	t.Cleanup(func() { _ = conn.Close() })
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\n"+handshake+"\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// TestThereIsNoRoom for more sessions than the limits allow; one that has ended
// makes room.
func TestThereIsNoRoom(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*websockets.Config)
		status    int
		text      string
		stats     websockets.Stats
	}{
		"in all": {
			func(c *websockets.Config) { c.MaxSessions = 2 }, http.StatusServiceUnavailable, "too many WebSockets are open",
			websockets.Stats{Open: 2, Opened: 2, Full: 1},
		},
		"for a key": {
			func(c *websockets.Config) {
				c.MaxSessionsPerKey = 2
				c.Key = func(*app.Call) string { return "somebody" }
			}, http.StatusTooManyRequests, "too many of your WebSockets are open", websockets.Stats{Open: 2, Opened: 2, FullForKey: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(test.configure, echo))
				first := dial(t, host)
				dial(t, host)
				synctest.Wait() // a client has its 101 before it is counted
				response := refusedWith(t, host)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, "5", response.Header.Get("Retry-After"))
				assert.Empty(t, response.Header.Get("Upgrade"))
				assert.Equal(t, test.text, apptest.Text(t, response))
				assert.Equal(t, test.stats, sessionsOf(t, host).Stats())
				require.NoError(t, first.Close(websocket.StatusNormalClosure, ""))
				synctest.Wait()
				say(t, dial(t, host), "in")
			})
		})
	}
}

// TestTheRegistry knows who is open, the last one first, and ends one or all.
func TestTheRegistry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(wait))
		sessions := sessionsOf(t, host)
		config, installed := websockets.Plugin.In(host.Application())
		require.True(t, installed)
		assert.Same(t, sessions, config.Sessions())
		var clients []*rawClient
		for range 3 {
			clients = append(clients, dialRaw(t, host))
			synctest.Wait()
		}
		var ids []uint64
		for s := range sessions.All() {
			ids = append(ids, s.ID())
			assert.Equal(t, "/", s.Call().Route())
			assert.Equal(t, time.Now(), s.Opened())
			if s.ID() == 2 {
				s.End(errKicked)
			}
		}
		assert.Equal(t, []uint64{3, 2, 1}, ids)
		clients[1].requireClosed(1008)
		sessions.CloseAll()
		clients[0].requireClosed(1000)
		clients[2].requireClosed(1000)
		synctest.Wait()
		assert.Equal(t, websockets.Stats{Opened: 3, Closed: 2, Ended: 1}, sessions.Stats())
		for range sessions.All() {
			t.Error("a session is open")
		}
	})
}

// TestASessionThatHasEndedKeepsNoOther, for those who keep it.
func TestASessionThatHasEndedKeepsNoOther(t *testing.T) {
	var kept *websockets.Session
	var others []weak.Pointer[websockets.Session]
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			if s.ID() == 2 {
				kept = s
			} else {
				others = append(others, weak.Make(s))
			}
			return wait(s)
		}))
		var clients []*rawClient
		for range 3 {
			clients = append(clients, dialRaw(t, host))
			synctest.Wait()
		}
		for _, i := range []int{1, 0, 2} {
			require.NoError(t, clients[i].Close())
			synctest.Wait()
		}
	})
	runtime.GC()
	require.Len(t, others, 2)
	for _, other := range others {
		assert.Nil(t, other.Value())
	}
	runtime.KeepAlive(kept)
}

// TestMaxAgeIsSpread, so that not all come back at once.
func TestMaxAgeIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ages := map[time.Duration]bool{}
		host := apptest.Start(t, configured(func(c *websockets.Config) { c.MaxAge, c.PingPeriod = time.Hour, 0 }, func(s *websockets.Session) error {
			_, err := s.Receive()
			assert.ErrorIs(t, err, websockets.ErrTooOld)
			return err
		}))
		for range 10 {
			client := dialRaw(t, host)
			began := time.Now()
			client.requireClosed(1001)
			age := time.Since(began)
			assert.GreaterOrEqual(t, age, 48*time.Minute)
			assert.LessOrEqual(t, age, time.Hour)
			ages[age] = true
		}
		assert.Greater(t, len(ages), 5)
	})
}
