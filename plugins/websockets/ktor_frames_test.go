package websockets_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/websockets"
)

// The tests of ktor-shared/ktor-websockets look at frames. Here they go over the
// wire, where a client has to mask what it sends.

func TestKtorControlFrameSizeTest(t *testing.T) {
	closes := func(message string) func(*websockets.Session) error {
		return func(s *websockets.Session) error {
			return s.CloseWith(websockets.CloseReason{Code: websockets.CloseNormal, Message: message})
		}
	}
	refuses := func(message string) ktorCase {
		return ktorCase{serve: func(s *websockets.Session) error {
			assert.ErrorContains(t, closes(message)(s), "a close frame has room for 123")
			return nil
		}, client: func(_ *testing.T, c *rawClient) { c.require(final|opClose, closing(1000, "")) }}
	}
	runKtor(t, map[string]ktorCase{
		"closeReasonAcceptsMessageAtLimit": {serve: closes(strings.Repeat("a", 123)), client: func(_ *testing.T, c *rawClient) {
			c.require(final|opClose, closing(1000, strings.Repeat("a", 123)))
		}},
		"closeReasonRejectsTooLongMessage":        refuses(strings.Repeat("a", 124)),
		"closeReasonRejectsTooLongUnicodeMessage": refuses(strings.Repeat("я", 62)),
		"controlFramesRejectOversizePayload": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			c.write(final|opPing, strings.Repeat("a", 126))
			c.requireClosed(1002)
		}},
		"controlFramesAcceptPayloadAtLimit": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			c.write(final|opPong, strings.Repeat("a", 125))
			c.write(final|opPing, strings.Repeat("a", 125))
			c.require(final|opPong, strings.Repeat("a", 125))
			c.write(final|opClose, closing(1000, strings.Repeat("a", 123)))
			c.require(final|opClose, closing(1000, strings.Repeat("a", 123)))
		}},
		"dataFramesAreNotSizeLimited": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			for _, op := range []byte{opText, opBinary} {
				c.write(final|op, strings.Repeat("a", 1125))
				c.require(final|op, strings.Repeat("a", 1125))
			}
		}},
	})
}

func TestKtorFrameCloseTest(t *testing.T) {
	reads := func(payload string, want websockets.CloseReason) ktorCase {
		return ktorCase{serve: func(s *websockets.Session) error {
			s.OnEnd(func(error) {
				reason, closed := s.CloseReason()
				assert.True(t, closed)
				assert.Equal(t, want, reason)
			})
			return echo(s)
		}, client: func(_ *testing.T, c *rawClient) {
			c.write(final|opClose, payload)
			c.require(final|opClose, payload)
		}}
	}
	runKtor(t, map[string]ktorCase{
		"testASCII":        reads(closing(1000, "websocket closed"), websockets.CloseReason{Code: 1000, Message: "websocket closed"}),
		"testUnicode":      reads(closing(1000, "websocket закрыт"), websockets.CloseReason{Code: 1000, Message: "websocket закрыт"}),
		"testEmptyMessage": reads(closing(1000, ""), websockets.CloseReason{Code: 1000}),
		// The reason is there, with the code that says that there was none.
		"testEmptyFrame": reads("", websockets.CloseReason{Code: websockets.CloseNoStatus}),
	})
}

func TestKtorParserTest(t *testing.T) {
	sends := func(dump string, want string) ktorCase {
		return ktorCase{serve: echo, client: func(t *testing.T, c *rawClient) {
			_, err := c.Write(unhex(t, dump))
			require.NoError(t, err)
			c.require(final|opText, want)
		}}
	}
	runKtor(t, map[string]ktorCase{
		"testParserSimpleFrame":   sends("0x81 0x85 0x00 0x00 0x00 0x00 0x48 0x65 0x6c 0x6c 0x6f", "Hello"),
		"testParserU16Frame":      sends("0x81 0xfe 0x00 0x06 0x00 0x00 0x00 0x00 0x48 0x65 0x6c 0x6c 0x6f 0x21", "Hello!"),
		"testParserMasking":       sends("0x81 0x85 0x37 0xfa 0x21 0x3d 0x7f 0x9f 0x4d 0x51 0x58", "Hello"),
		"testParserFragmentation": sends("0x01 0x81 0 0 0 0 0 0 0 0 0x31 0x00 0x81 0 0 0 0 0 0 0 0 0x32 0x80 0x81 0 0 0 0 0 0 0 0 0x33", "123"),
	})
}

func TestKtorWebSocketReaderTest(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"testFailFragmentedControl": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			_, _ = c.Write([]byte{final | opPing, 0x80 | 126, 0, 126, 0, 0, 0, 0})
			c.requireClosed(1002)
		}},
		"testInterruptedContinuation": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			c.write(opText, "Foo")
			c.write(final|opPing, "Ping!")
			c.require(final|opPong, "Ping!")
			c.write(final|opText, "Foo")
			c.requireClosed(1002)
		}},
	})
}

func TestKtorWriterTest(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"testWriteBigThenClose": {serve: func(s *websockets.Session) error {
			return s.SendBinary([]byte(strings.Repeat("w", 65535)))
		}, client: func(_ *testing.T, c *rawClient) {
			c.require(final|opBinary, strings.Repeat("w", 65535))
			c.require(final|opClose, "\x03\xe8")
		}},
		"testWriteDataAfterClose": {serve: func(s *websockets.Session) error {
			s.Close()
			assert.ErrorIs(t, s.SendText("Yo"), websockets.ErrClosed)
			return nil
		}, client: func(_ *testing.T, c *rawClient) { c.requireClosed(1000) }},
	})
}

func TestKtorWebSocketDeflateTest(t *testing.T) {
	compressed := func(c *websockets.Config) {
		c.Deflate(func(d *websockets.DeflateConfig) { d.CompressIfBiggerThan = 1 })
	}
	for name, client := range map[string]func(*testing.T, *rawClient){
		"testDeflateInflateEmpty": func(t *testing.T, c *rawClient) {
			c.write(final|rsv1|opBinary, deflated(t, ""))
			c.require(final|opBinary, "")
		},
		"testDeflateInflateForRandomData": func(t *testing.T, c *rawClient) {
			random := rand.New(rand.NewPCG(1, 2))
			for i := range 200 {
				data := make([]byte, i*50+1)
				for j := range data {
					data[j] = byte(random.Uint32())
				}
				c.write(final|rsv1|opBinary, deflated(t, string(data)))
				got, err := c.next()
				require.NoError(t, err)
				require.Equal(t, string(data), inflated(t, got.payload))
			}
		},
		"keeps inflater context between messages": func(t *testing.T, c *rawClient) {
			text := strings.Repeat("aaaaabbbbb", 128)
			for range 2 {
				c.write(final|rsv1|opText, deflated(t, text))
				got, err := c.next()
				require.NoError(t, err)
				require.Equal(t, text, inflated(t, got.payload))
			}
		},
		"prevents infinite loop": func(t *testing.T, c *rawClient) {
			zlibHeadWithDictionary := "\x78\xbb\x00\x00\x00\x00"
			c.write(final|rsv1|opBinary, zlibHeadWithDictionary+strings.Repeat("\x13", 64))
			c.requireClosed(1007)
		},
		"checks for max inflate size": func(t *testing.T, c *rawClient) {
			c.write(final|rsv1|opBinary, deflated(t, strings.Repeat("\x00", 32<<20)))
			c.requireClosed(1009)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, configured(compressed, echo), client, offer)
		})
	}
}
