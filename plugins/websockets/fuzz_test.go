package websockets_test

import (
	"bytes"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// FuzzClient sends whatever bytes behind a handshake, and then closes: the session
// ends, and whatever it is, it is not the application's failure.
func FuzzClient(f *testing.F) {
	f.Add(frame(final|opText, "text"), false)
	f.Add(append(frame(opText, "a"), frame(final|opContinuation, "b")...), true)
	f.Add(frame(final|opClose, closing(1000, "bye")), false)
	f.Add(frame(final|rsv1|opText, "\xff"), true)
	f.Add([]byte{final | opBinary, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}, false)
	f.Add(bytes.Repeat(frame(final|opPing, "ping"), 100), false)
	f.Fuzz(func(t *testing.T, data []byte, compressed bool) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, configured(func(c *websockets.Config) {
				c.MaxMessageSize = 4 << 10
				if compressed {
					c.Deflate()
				}
			}, echo))
			client := dialRaw(t, host, offer)
			go func() { _, _ = io.Copy(io.Discard, client.reader) }()
			_, _ = client.Write(data)
			_ = client.Close()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			stats := sessionsOf(t, host).Stats()
			assert.Equal(t, []uint64{0, 1, 0}, []uint64{uint64(stats.Open), stats.Opened, stats.Failed})
			assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
		})
	})
}

// FuzzText sends text in fragments, split anywhere: it is received whole and piece
// by piece if it is UTF-8, and not at all if it is not.
func FuzzText(f *testing.F) {
	f.Add("größer 日本語 😀", uint8(3), uint8(2))
	f.Add("\xed\xa0\x80", uint8(1), uint8(1))
	f.Add("a\xf4\x90\x80\x80", uint8(2), uint8(4))
	f.Add("\xe2\x82", uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, text string, fragment, piece uint8) {
		if len(text) > 1000 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			var got bytes.Buffer
			var end error
			host := apptest.Start(t, serving(func(s *websockets.Session) error {
				_, reader, err := s.Reader()
				if err != nil {
					return err
				}
				_, end = io.CopyBuffer(struct{ io.Writer }{&got}, reader, make([]byte, int(piece)+1))
				return end
			}))
			client := dialRaw(t, host)
			first, rest := opText, text
			for len(rest) > int(fragment)+1 {
				client.write(first, rest[:int(fragment)+1])
				first, rest = opContinuation, rest[int(fragment)+1:]
				synctest.Wait()
				if got.Len() < len(text)-len(rest) && !utf8.ValidString(text) {
					break // it was refused, and what is sent now is lost
				}
			}
			_, _ = client.Write(frame(final|first, rest))
			code := uint16(1000)
			if !utf8.ValidString(text) {
				code = 1007
			}
			client.requireClosed(code)
			synctest.Wait()
			if code == 1000 {
				require.NoError(t, end)
				require.Equal(t, text, got.String())
				return
			}
			require.ErrorIs(t, end, websockets.ErrInvalidData)
		})
	})
}
