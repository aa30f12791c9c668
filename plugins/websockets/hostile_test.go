package websockets_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// TestAFloodOfPings from a client that does not read holds nothing: it is cut off when
// an answer cannot leave.
func TestAFloodOfPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(wait), apptest.Buffer(1024))
		client := dialRaw(t, host)
		began := time.Now()
		pings := bytes.Repeat(frame(final|opPing, strings.Repeat("?", 125)), 10)
		for {
			if _, err := client.Write(pings); err != nil {
				break
			}
		}
		elapsed(t, began, 5*time.Second)
		synctest.Wait()
		assert.Equal(t, websockets.Stats{Opened: 1, WriteTimeouts: 1}, sessionsOf(t, host).Stats())
	})
}

// TestAMessageOfManyFragments, nearly all of them empty, is a message.
func TestAMessageOfManyFragments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := dialRaw(t, apptest.Start(t, serving(echo)))
		client.write(opText, "")
		empty := bytes.Repeat(frame(opContinuation, ""), 1000)
		for range 100 {
			_, err := client.Write(empty)
			require.NoError(t, err)
		}
		client.write(final|opContinuation, "Hello")
		client.require(final|opText, "Hello")
	})
}

// TestNothingComesBehindAClose frame, neither a message nor a ping.
func TestNothingComesBehindAClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(echo))
		client := dialRaw(t, host)
		_, err := client.Write(bytes.Join([][]byte{
			frame(final|opText, "before"), frame(final|opClose, closing(1000, "")),
			frame(final|opText, "behind"), frame(final|opPing, "behind"), frame(final|opClose, closing(1001, "")),
		}, nil))
		require.NoError(t, err)
		client.require(final|opText, "before")
		client.requireClosed(1000)
		synctest.Wait()
		assert.Equal(t, websockets.Stats{
			Opened: 1, Sent: 1, SentBytes: 6, Received: 1, ReceivedBytes: 6, ClientsClosed: 1,
		}, sessionsOf(t, host).Stats())
	})
}

// TestALimitIsMetToTheByte, compressed or not, whole or in parts.
func TestALimitIsMetToTheByte(t *testing.T) {
	const limit = 5000
	for name, serve := range map[string]func(*websockets.Session) error{"whole": echo, "in parts": echoParts} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(func(c *websockets.Config) {
					c.MaxMessageSize = limit
					c.Deflate()
				}, serve))
				for _, first := range []byte{final | opBinary, final | opBinary | rsv1} {
					for _, size := range []int{limit, limit + 1} {
						client := dialRaw(t, host, offer)
						message := strings.Repeat("a", size)
						if first&rsv1 != 0 {
							message = deflated(t, message)
						}
						client.write(first, message)
						if size > limit {
							client.requireClosed(1009)
							continue
						}
						got, err := client.next()
						require.NoError(t, err)
						require.Equal(t, opBinary, got.first&0xf)
					}
				}
			})
		})
	}
}

// echoParts sends back what comes when all of it has come, read bit by bit.
func echoParts(s *websockets.Session) error {
	for {
		_, reader, err := s.Reader()
		if err != nil {
			return err
		}
		var all bytes.Buffer
		part := make([]byte, 100)
		for err == nil {
			var n int
			n, err = reader.Read(part)
			all.Write(part[:n])
		}
		if s.Context().Err() != nil {
			return err
		}
		if err := s.SendBinary(all.Bytes()); err != nil {
			return err
		}
	}
}
