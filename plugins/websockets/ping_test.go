package websockets_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// TestPings come every 30 s for as long as the WebSocket is open, and a client
// that answers stays for hours.
func TestPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(wait))
		client := dialRaw(t, host)
		began := time.Now()
		for i := range 120 {
			got, err := client.next()
			require.NoError(t, err)
			require.Equal(t, final|opPing, got.first)
			elapsed(t, began, time.Duration(i+1)*30*time.Second)
			client.write(final|opPong, got.payload)
		}
		elapsed(t, began, time.Hour)
		assert.Equal(t, 1, sessionsOf(t, host).Stats().Open)
	})
}

// TestAClientThatDoesNotAnswerAPing is cut off after Timeout.
func TestAClientThatDoesNotAnswerAPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) {
			c.PingPeriod, c.Timeout = 10*time.Second, 3*time.Second
		}, wait))
		client := dialRaw(t, host)
		began := time.Now()
		got, err := client.next()
		require.NoError(t, err)
		require.Equal(t, final|opPing, got.first)
		_, err = client.next()
		require.ErrorIs(t, err, io.EOF)
		elapsed(t, began, 13*time.Second)
		synctest.Wait()
		assert.Equal(t, websockets.Stats{Opened: 1, PingTimeouts: 1}, sessionsOf(t, host).Stats())
	})
}

// TestAnythingIsASignOfLife, not a pong alone: in the middle of a large message
// none can come.
func TestAnythingIsASignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(echo))
		client := dialRaw(t, host)
		text := strings.Repeat("a", 1000)
		for _, b := range frame(final|opText, text) {
			time.Sleep(14 * time.Second)
			_, err := client.Write([]byte{b})
			require.NoError(t, err)
		}
		for {
			got, err := client.next()
			require.NoError(t, err)
			if got.first != final|opPing {
				require.Equal(t, gotFrame{final | opText, text}, got)
				break
			}
		}
	})
}

// TestNobodyIsJudgedWhileTheApplicationDoesNotReceive: the pong waits behind a
// message that waits for the application.
func TestNobodyIsJudgedWhileTheApplicationDoesNotReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			select {
			case <-time.After(10 * time.Minute):
				return echo(s)
			case <-s.Context().Done():
				return context.Cause(s.Context())
			}
		}))
		client := dialRaw(t, host)
		began := time.Now()
		client.write(final|opText, "Hello")
		for {
			got, err := client.next()
			require.NoError(t, err)
			if got.first == final|opPing {
				client.write(final|opPong, got.payload)
				continue
			}
			require.Equal(t, gotFrame{final | opText, "Hello"}, got)
			break
		}
		elapsed(t, began, 10*time.Minute)
	})
}

// TestNobodyIsJudgedWhileTheApplicationReadsSlowly: the pong waits behind the rest
// of the message. A client that stops in the middle of one is judged.
func TestNobodyIsJudgedWhileTheApplicationReadsSlowly(t *testing.T) {
	message := frame(final|opBinary, strings.Repeat("a", 20_000))
	for name, test := range map[string]struct {
		sent []byte
		gone bool
	}{
		"a whole message": {message, false},
		"half a message":  {message[:10_000], true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, serving(func(s *websockets.Session) error {
					_, reader, err := s.Reader()
					if err != nil {
						return err
					}
					for {
						n, err := io.ReadFull(reader, make([]byte, 7_000))
						if err != nil {
							assert.Equal(t, test.gone, s.Context().Err() != nil)
							return s.SendText(strconv.Itoa(n))
						}
						time.Sleep(10 * time.Minute)
					}
				}))
				client := dialRaw(t, host)
				_, err := client.Write(test.sent)
				require.NoError(t, err)
				for {
					got, err := client.next()
					if test.gone && err != nil {
						break
					}
					require.NoError(t, err)
					if got.first != final|opPing {
						require.Equal(t, gotFrame{final | opText, "6000"}, got)
						break
					}
					if !test.gone {
						client.write(final|opPong, got.payload)
					}
				}
				synctest.Wait()
				stats := sessionsOf(t, host).Stats()
				assert.Equal(t, test.gone, stats.PingTimeouts == 1)
			})
		})
	}
}

// TestAPingThatCannotLeaveWhileAMessageWaits ends the session too, although nobody
// reads who would see that the connection is closed.
func TestAPingThatCannotLeaveWhileAMessageWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) {
			c.PingPeriod, c.Timeout = time.Second, 2*time.Second
		}, wait), apptest.Buffer(64))
		dialRaw(t, host).write(final|opText, "Hello")
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		assert.Equal(t, websockets.Stats{Opened: 1, WriteTimeouts: 1}, sessionsOf(t, host).Stats())
	})
}

// TestAPongThatCannotLeave because a message is on its way for longer than 5 s is
// no fault of the protocol.
func TestAPongThatCannotLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error { return s.SendBinary(make([]byte, 1<<20)) }))
		client := dialRaw(t, host)
		synctest.Wait() // the message is on its way
		client.write(final|opPing, "are you there?")
		time.Sleep(6 * time.Second)
		synctest.Wait()
		assert.Equal(t, websockets.Stats{Opened: 1, WriteTimeouts: 1}, sessionsOf(t, host).Stats())
	})
}

// TestAPingThatCannotLeave ends the session after 5 s: the client sends, and reads
// nothing.
func TestAPingThatCannotLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) {
			c.WriteTimeout, c.PingPeriod, c.Timeout = time.Hour, time.Second, 2*time.Second
		}, echo), apptest.Buffer(64))
		client := dialRaw(t, host)
		for range 100 {
			time.Sleep(time.Second)
			if _, err := client.Write(frame(final|opPong, "")); err != nil {
				break
			}
		}
		synctest.Wait()
		stats := sessionsOf(t, host).Stats()
		assert.Equal(t, []uint64{0, 1}, []uint64{uint64(stats.Open), stats.WriteTimeouts})
	})
}

// TestWithoutPings nothing comes, for a day.
func TestWithoutPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) { c.PingPeriod = 0 }, wait))
		client := dialRaw(t, host)
		require.NoError(t, client.SetReadDeadline(time.Now().Add(24*time.Hour)))
		_, err := client.next()
		require.ErrorContains(t, err, "timeout")
		assert.Equal(t, 1, sessionsOf(t, host).Stats().Open)
	})
}
