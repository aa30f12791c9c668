package websockets_test

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// deflated is text as a compressed message has it (RFC 7692 section 7.2.1).
func deflated(t *testing.T, text string) string {
	t.Helper()
	var compressed bytes.Buffer
	w, err := flate.NewWriter(&compressed, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	return strings.TrimSuffix(compressed.String(), "\x00\x00\xff\xff")
}

const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"

// TestDeflate is agreed on with clients that offer it, if it is configured.
func TestDeflate(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*websockets.Config)
		lines     []string
		agreed    string
	}{
		"off by default":    {nil, []string{offer}, ""},
		"not offered":       {func(c *websockets.Config) { c.Deflate() }, nil, ""},
		"another extension": {func(c *websockets.Config) { c.Deflate() }, []string{"Sec-WebSocket-Extensions: superspeed, colormode; depth=16"}, ""},
		"a window we have not": {
			func(c *websockets.Config) { c.Deflate() }, []string{"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10"}, "",
		},
		"without a context": {
			func(c *websockets.Config) { c.Deflate() }, []string{offer},
			"permessage-deflate; client_no_context_takeover; server_no_context_takeover",
		},
		"with a context": {
			func(c *websockets.Config) {
				c.Deflate(func(d *websockets.DeflateConfig) { d.ContextTakeover = true })
			}, []string{offer}, "permessage-deflate",
		},
		"with a context that the client does not want": {
			func(c *websockets.Config) {
				c.Deflate(func(d *websockets.DeflateConfig) { d.ContextTakeover = true })
			}, []string{offer + "; server_no_context_takeover"}, "permessage-deflate; server_no_context_takeover",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(test.configure, echo))
				client := dialRaw(t, host, test.lines...)
				assert.Equal(t, test.agreed, client.head.Header.Get("Sec-WebSocket-Extensions"))
				if test.agreed == "" {
					client.write(final|rsv1|opText, deflated(t, "compressed"))
					client.requireClosed(1002)
					return
				}
				text := strings.Repeat("compressed ", 100)
				client.write(final|rsv1|opText, deflated(t, text))
				got, err := client.next()
				require.NoError(t, err)
				assert.Equal(t, final|rsv1|opText, got.first)
				assert.Less(t, len(got.payload), len(text)/5)
				assert.Equal(t, int64(len(text)), sessionsOf(t, host).Stats().ReceivedBytes)
				client.write(final|opText, "plain")
				client.require(final|opText, "plain")
			})
		})
	}
}

// TestCompressIfBiggerThan leaves small messages alone.
func TestCompressIfBiggerThan(t *testing.T) {
	for limit, plain := range map[int]int{0: 511, 10: 9, 1000: 999} {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, configured(func(c *websockets.Config) {
				c.Deflate(func(d *websockets.DeflateConfig) { d.CompressIfBiggerThan = limit })
			}, echo))
			client := dialRaw(t, host, offer)
			client.write(final|opText, strings.Repeat("a", plain))
			client.require(final|opText, strings.Repeat("a", plain))
			client.write(final|opText, strings.Repeat("a", plain+1))
			got, err := client.next()
			require.NoError(t, err)
			assert.Equal(t, final|rsv1|opText, got.first)
		})
	}
}

// TestADecompressedMessageIsLimited: a bomb ends where the limit is.
func TestADecompressedMessageIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) { c.Deflate() }, echo))
		client := dialRaw(t, host, offer)
		client.write(final|rsv1|opBinary, deflated(t, strings.Repeat("\x00", 32<<20)))
		client.requireClosed(1009)
	})
}

// TestCompressedDataThatIsNone is 1007.
func TestCompressedDataThatIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) { c.Deflate() }, echo))
		client := dialRaw(t, host, offer)
		client.write(final|rsv1|opBinary, "\xff\xff\xff\xff")
		client.requireClosed(1007)
		synctest.Wait()
		assert.Equal(t, uint64(1), sessionsOf(t, host).Stats().Violations)
	})
}

// TestACompressedMessageThatIsCutOff is none: its connection has ended in the middle.
func TestACompressedMessageThatIsCutOff(t *testing.T) {
	random := make([]byte, 20_000)
	_, err := rand.Read(random)
	require.NoError(t, err)
	for name, read := range map[string]func(*websockets.Session) error{
		"Receive": func(s *websockets.Session) error { _, err := s.Receive(); return err },
		"Reader": func(s *websockets.Session) error {
			_, reader, err := s.Reader()
			if err != nil {
				return err
			}
			_, err = io.ReadAll(reader)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(func(c *websockets.Config) { c.Deflate() }, func(s *websockets.Session) error {
					err := read(s)
					assert.ErrorIs(t, err, websockets.ErrClientGone)
					return err
				}))
				client := dialRaw(t, host, offer)
				_, err := client.Write(frame(final|rsv1|opBinary, deflated(t, string(random)))[:15_000])
				require.NoError(t, err)
				require.NoError(t, client.Close())
				synctest.Wait()
				assert.Equal(t, websockets.Stats{Opened: 1, ClientsGone: 1}, sessionsOf(t, host).Stats())
			})
		})
	}
}

// TestContextsLast from message to message, both ways, with another library on the
// other side.
func TestContextsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) {
			c.Deflate(func(d *websockets.DeflateConfig) { d.ContextTakeover, d.CompressIfBiggerThan = true, 1 })
		}, echo))
		conn := dial(t, host, func(o *websocket.DialOptions) { o.CompressionMode = websocket.CompressionContextTakeover })
		for range 10 {
			text := strings.Repeat("aaaaabbbbb", 128)
			say(t, conn, text)
			require.Equal(t, text, hear(t, conn))
		}
	})
}

// inflated is the text of a compressed message.
func inflated(t *testing.T, payload string) string {
	t.Helper()
	text, err := io.ReadAll(flate.NewReader(strings.NewReader(payload + "\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	require.NoError(t, err)
	return string(text)
}

// inBubble runs a client of a module, with lines in its handshake.
func inBubble(t *testing.T, module app.Module, client func(*testing.T, *rawClient), lines ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { client(t, dialRaw(t, apptest.Start(t, module), lines...)) })
}
