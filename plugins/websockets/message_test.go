package websockets_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// TestMessages go both ways as they are: text, bytes, empty ones, and those of
// every length at which the form of a frame changes.
func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(echo))
		client := dialRaw(t, host)
		for _, length := range []int{0, 1, 125, 126, 127, 4095, 4096, 4097, 65535, 65536, 1 << 20} {
			text := strings.Repeat("+", length)
			go func() { _, _ = client.Write(append(frame(final|opText, text), frame(final|opBinary, text)...)) }()
			client.require(final|opText, text)
			client.require(final|opBinary, text)
		}
		client.write(final|opClose, closing(1000, "done"))
		client.requireClosed(1000)
	})
}

// TestAMessageInFragments is one message, with control frames between.
func TestAMessageInFragments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(echo))
		client := dialRaw(t, host)
		client.write(opText, "A")
		client.write(final|opPing, "between")
		client.write(opContinuation, "")
		client.write(opContinuation, "B")
		client.write(final|opPong, "unasked")
		client.write(final|opContinuation, "C")
		client.require(final|opPong, "between")
		client.require(final|opText, "ABC")
	})
}

// TestReaderAndWriter pass a message on while it comes, larger than what would be
// read into memory.
func TestReaderAndWriter(t *testing.T) {
	for _, kind := range []websockets.Kind{websockets.Text, websockets.Binary} {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, serving(func(s *websockets.Session) error {
					for {
						kind, reader, err := s.Reader()
						if err != nil {
							return err
						}
						writer, err := s.Writer(kind)
						if err != nil {
							return err
						}
						if _, err := io.CopyBuffer(struct{ io.Writer }{writer}, reader, make([]byte, 7)); err != nil {
							return err
						}
						if err := writer.Close(); err != nil {
							return err
						}
						assert.Error(t, writer.Close())
						_, err = writer.Write(nil)
						assert.Error(t, err)
						n, err := reader.Read(make([]byte, 1))
						assert.Zero(t, n)
						assert.ErrorIs(t, err, io.EOF)
					}
				}))
				conn := dial(t, host)
				text := strings.Repeat("größer, ", 100)
				for range 2 {
					require.NoError(t, conn.Write(t.Context(), websocket.MessageType(kind), []byte(text)))
					_, data, err := conn.Read(t.Context())
					require.NoError(t, err)
					assert.Equal(t, text, string(data))
				}
				synctest.Wait()
				sent, sentBytes := onlySession(t, host).Sent()
				received, receivedBytes := onlySession(t, host).Received()
				assert.Equal(t, []int64{2, int64(2 * len(text)), 2, int64(2 * len(text))}, []int64{sent, sentBytes, received, receivedBytes})
			})
		})
	}
}

// onlySession returns the one session that is open.
func onlySession(t *testing.T, host *apptest.Host) *websockets.Session {
	t.Helper()
	var only *websockets.Session
	for s := range sessionsOf(t, host).All() {
		require.Nil(t, only)
		only = s
	}
	require.NotNil(t, only)
	return only
}

// TestWhatCannotBeSent is an error, and the session goes on.
func TestWhatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			assert.ErrorIs(t, s.SendText("\xff"), websockets.ErrInvalidMessage)
			assert.ErrorIs(t, s.Send(websockets.Message{Data: []byte("a")}), websockets.ErrInvalidMessage)
			assert.ErrorIs(t, s.Send(websockets.Message{Kind: 9}), websockets.ErrInvalidMessage)
			_, err := s.Writer(0)
			assert.ErrorIs(t, err, websockets.ErrInvalidMessage)
			assert.Error(t, s.CloseWith(websockets.CloseReason{Code: 1005}))
			assert.Error(t, s.CloseWith(websockets.CloseReason{Code: 1000, Message: strings.Repeat("a", 124)}))
			assert.Error(t, s.CloseWith(websockets.CloseReason{Code: 1000, Message: "\xff"}))
			return s.SendText("good")
		}))
		assert.Equal(t, "good", hear(t, dial(t, host)))
	})
}

// TestSendersDoNotInterleave, nor do messages in fragments and whole ones.
func TestSendersDoNotInterleave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const senders, each = 8, 20
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			for i := range senders {
				s.Go(func(context.Context) error {
					for j := range each {
						text := strings.Repeat(fmt.Sprintf("%d.%d;", i, j), 200)
						if j%2 == 0 {
							if err := s.SendText(text); err != nil {
								return err
							}
							continue
						}
						w, err := s.Writer(websockets.Text)
						if err != nil {
							return err
						}
						for len(text) > 0 {
							piece := text[:min(len(text), 100)]
							text = text[len(piece):]
							if _, err := io.WriteString(w, piece); err != nil {
								return err
							}
						}
						if err := w.Close(); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return nil
		}))
		conn := dial(t, host)
		seen := map[string]bool{}
		for range senders * each {
			text := hear(t, conn)
			first, _, _ := strings.Cut(text, ";")
			assert.Equal(t, strings.Repeat(first+";", 200), text)
			seen[first] = true
		}
		assert.Len(t, seen, senders*each)
		_, _, err := conn.Read(t.Context())
		assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
	})
}

// TestReceiversGetEachMessageOnce.
func TestReceiversGetEachMessageOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		got := map[string]int{}
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			for range 4 {
				s.Go(func(context.Context) error {
					for {
						message, err := s.Receive()
						if err != nil {
							return err
						}
						mu.Lock()
						got[message.Text()]++
						mu.Unlock()
					}
				})
			}
			return nil
		}))
		conn := dial(t, host)
		for i := range 100 {
			say(t, conn, fmt.Sprint(i))
		}
		require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))
		synctest.Wait()
		assert.Len(t, got, 100)
		for text, times := range got {
			assert.Equal(t, 1, times, text)
		}
	})
}

// TestWhatWasSentBeforeAClose is received before the end is.
func TestWhatWasSentBeforeAClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		var end error
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			for {
				message, err := s.Receive()
				if err != nil {
					end = err
					return err
				}
				got = append(got, message.Text())
			}
		}))
		client := dialRaw(t, host)
		_, err := client.Write(bytes.Join([][]byte{
			frame(final|opText, "1"), frame(final|opText, "2"), frame(final|opClose, closing(4001, "enough")),
		}, nil))
		require.NoError(t, err)
		client.require(final|opClose, closing(4001, "enough"))
		synctest.Wait()
		assert.Equal(t, []string{"1", "2"}, got)
		assert.ErrorIs(t, end, websockets.ErrClientClosed)
	})
}

// TestTextThatIsNotUTF8 ends the session with 1007, wherever the letter is split.
func TestTextThatIsNotUTF8(t *testing.T) {
	frames := map[string][][]byte{
		"in one frame":      {frame(final|opText, "a\xff")},
		"in a fragment":     {frame(opText, "a\xc3"), frame(final|opContinuation, "b")},
		"at the end":        {frame(opText, "a"), frame(final|opContinuation, "\xc3")},
		"a surrogate":       {frame(final|opText, "\xed\xa0\x80")},
		"one that too long": {frame(final|opText, "\xc0\xaf")},
	}
	serves := map[string]func(*websockets.Session) error{
		"whole": echo,
		"in pieces": func(s *websockets.Session) error {
			_, reader, err := s.Reader()
			if err != nil {
				return err
			}
			_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, reader, make([]byte, 1))
			return err
		},
	}
	for name, bad := range frames {
		for way, serve := range serves {
			t.Run(name+", received "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, serving(serve))
					client := dialRaw(t, host)
					_, err := client.Write(bytes.Join(bad, nil))
					require.NoError(t, err)
					client.requireClosed(1007)
					synctest.Wait()
					assert.Equal(t, uint64(1), sessionsOf(t, host).Stats().Violations)
				})
			})
		}
	}
}

// TestLettersMayBeSplit between fragments and between reads.
func TestLettersMayBeSplit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			_, reader, err := s.Reader()
			if err != nil {
				return err
			}
			var all strings.Builder
			if _, err := io.CopyBuffer(struct{ io.Writer }{&all}, reader, make([]byte, 1)); err != nil {
				return err
			}
			return s.SendText(all.String())
		}))
		client := dialRaw(t, host)
		text := "größer 日本語 😀\ufffd"
		for i := range len(text) - 1 {
			first := opContinuation
			if i == 0 {
				first = opText
			}
			client.write(first, text[i:i+1])
		}
		client.write(final|opContinuation, text[len(text)-1:])
		client.require(final|opText, text)
	})
}

// TestMaxMessageSize: one byte more is 1009, in one frame or in many, and what a
// frame only claims to have is not read.
func TestMaxMessageSize(t *testing.T) {
	for name, test := range map[string]struct {
		bytes []byte
		code  uint16
	}{
		"just so much":                {append(frame(final|opBinary, strings.Repeat("a", 10)), frame(final|opClose, closing(1000, ""))...), 1000},
		"one more":                    {frame(final|opBinary, strings.Repeat("a", 11)), 1009},
		"in fragments":                {append(frame(opBinary, strings.Repeat("a", 10)), frame(final|opContinuation, "a")...), 1009},
		"a frame of 2 EB":             {append([]byte{final | opBinary, 0xff, 0x20, 0, 0, 0, 0, 0, 0, 0}, frame(final|opBinary, "0123456789")...), 1009},
		"fragments without an ending": {bytes.Repeat(frame(opBinary, "aaaa")[:], 1), 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(func(c *websockets.Config) { c.MaxMessageSize = 10 }, echo))
				client := dialRaw(t, host)
				_, err := client.Write(test.bytes)
				require.NoError(t, err)
				if test.code == 0 {
					for range 2 {
						client.write(opContinuation, "aaaa")
					}
					test.code = 1009
				}
				client.requireClosed(test.code)
			})
		})
	}
}

// TestWithoutMaxMessageSize there is no limit.
func TestWithoutMaxMessageSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, configured(func(c *websockets.Config) { c.MaxMessageSize = 0 }, func(s *websockets.Session) error {
			message, err := s.Receive()
			if err != nil {
				return err
			}
			return s.SendText(fmt.Sprint(len(message.Data)))
		}))
		client := dialRaw(t, host)
		client.write(final|opBinary, strings.Repeat("a", 3<<20))
		client.require(final|opText, fmt.Sprint(3<<20))
	})
}

type move struct {
	XMLName xml.Name `json:"-" xml:"move"`
	From    string   `json:"from" xml:"from"`
	To      string   `json:"to" xml:"to"`
}

// TestValues go through the converter of the WebSocket, or else of the plugin.
func TestValues(t *testing.T) {
	answer := func(s *websockets.Session) error {
		got, err := websockets.Receive[move](s)
		if err != nil {
			return err
		}
		return s.SendValue(move{From: got.To, To: got.From})
	}
	jsonPlugin := func(c *websockets.Config) { c.Converter = websockets.JSON() }
	xmlOption := websockets.Convert(websockets.Codec(websockets.Binary, xml.Marshal, xml.Unmarshal))
	for name, test := range map[string]struct {
		options    []websockets.Option
		send, want string
		kind       byte
	}{
		"of the plugin":    {nil, `{"from":"e2","to":"e4"}`, `{"from":"e4","to":"e2"}`, opText},
		"of the WebSocket": {[]websockets.Option{xmlOption}, "<move><from>e2</from><to>e4</to></move>", "<move><from>e4</from><to>e2</to></move>", opBinary},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := dialRaw(t, apptest.Start(t, configured(jsonPlugin, answer, test.options...)))
				client.write(final|test.kind, test.send)
				client.require(final|test.kind, test.want)
			})
		})
	}
}

// TestAValueThatCannotBeRead is left out by who goes on, and 1007 for who does
// not. The text of the error is for nobody.
func TestAValueThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			_, err := websockets.Receive[move](s)
			assert.ErrorIs(t, err, websockets.ErrInvalidData)
			_, err = websockets.Receive[move](s)
			return err
		}, websockets.Convert(websockets.JSON())))
		client := dialRaw(t, host)
		client.write(final|opText, "{")
		client.write(final|opText, `{"from":5}`)
		client.require(final|opClose, closing(1007, ""))
		client.write(final|opClose, closing(1007, ""))
		synctest.Wait()
		assert.Equal(t, uint64(1), sessionsOf(t, host).Stats().Violations)
		assert.Empty(t, host.Log().AtLeast(1))
	})
}

// TestMistakesOfConverters are the server's.
func TestMistakesOfConverters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			assert.ErrorContains(t, s.SendValue(1), "the WebSocket has no converter")
			assert.ErrorContains(t, s.ReceiveValue(new(int)), "the WebSocket has no converter")
			return s.SendText("good")
		}))
		assert.Equal(t, "good", hear(t, dial(t, host)))
		broken := websockets.Convert(websockets.Codec(websockets.Text, nil, nil))
		host = apptest.Start(t, serving(func(s *websockets.Session) error {
			assert.ErrorContains(t, s.SendValue(1), "the function of the codec is nil")
			err := s.ReceiveValue(new(int))
			assert.ErrorContains(t, err, "the function of the codec is nil")
			assert.NotErrorIs(t, err, websockets.ErrInvalidData)
			assert.ErrorContains(t, s.SendValue(websockets.Message{}), "use Send")
			return errors.Join(s.SendText("good"))
		}, broken))
		conn := dial(t, host)
		say(t, conn, "1")
		assert.Equal(t, "good", hear(t, conn))
	})
}
