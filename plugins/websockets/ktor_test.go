package websockets_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// ktorCase is one of Ktor's tests: a WebSocket, and what its client does.
type ktorCase struct {
	configure func(*websockets.Config)
	serve     func(*websockets.Session) error
	client    func(*testing.T, *rawClient)
	options   []websockets.Option
}

// runKtor runs Ktor's tests, each with a client that speaks frames.
func runKtor(t *testing.T, cases map[string]ktorCase) {
	t.Helper()
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(test.configure, test.serve, test.options...))
				test.client(t, dialRaw(t, host))
				synctest.Wait() // before the stop has its say
			})
		})
	}
}

// once receives a message and sends it back.
func once(s *websockets.Session) error {
	message, err := s.Receive()
	if err != nil {
		return err
	}
	return s.Send(message)
}

// bracket is a converter of Ktor's test: the text in brackets.
type bracket struct{}

func (bracket) Serialize(value any) (websockets.Message, error) {
	return websockets.Message{Kind: websockets.Text, Data: []byte("[" + value.(string) + "]")}, nil
}

func (bracket) Deserialize(message websockets.Message, target any) error {
	*target.(*string) = strings.Trim(message.Text(), "[]")
	return nil
}

func TestKtorWebSocketTest(t *testing.T) {
	brackets := func(c *websockets.Config) { c.Converter = bracket{} }
	sendsOnce := func(text string) func(*testing.T, *rawClient) {
		return func(_ *testing.T, c *rawClient) {
			c.write(final|opText, text)
			c.require(final|opText, text)
		}
	}
	receives := func(s *websockets.Session) error {
		_, err := s.Receive()
		assert.ErrorIs(t, err, websockets.ErrTooBig)
		return err
	}
	runKtor(t, map[string]ktorCase{
		"testSingleEcho": {serve: once, client: sendsOnce("Hello")},
		"testJsonConverter": {brackets, func(s *websockets.Session) error {
			data, err := websockets.Receive[string](s)
			return cmpError(err, s.SendValue(data))
		}, sendsOnce("[hello]"), nil},
		"testJsonConverterWithExplicitTypeInfo": {brackets, func(s *websockets.Session) error {
			var data string
			err := s.ReceiveValue(&data)
			return cmpError(err, s.SendValue(data))
		}, sendsOnce("[hello]"), nil},
		"testSerializationWithNoConverter": {serve: func(s *websockets.Session) error {
			assert.ErrorContains(t, s.ReceiveValue(new(string)), "no converter")
			assert.ErrorContains(t, s.SendValue("hello"), "no converter")
			return nil
		}, client: func(_ *testing.T, c *rawClient) { c.requireClosed(1000) }},
		"testDeserializationWithOnClosedChannel": {brackets, func(s *websockets.Session) error {
			assert.ErrorIs(t, s.ReceiveValue(new(string)), websockets.ErrClientClosed)
			return nil
		}, func(_ *testing.T, c *rawClient) {
			c.write(final|opClose, closing(1000, ""))
			c.requireClosed(1000)
		}, nil},
		"testFrameSize": {serve: func(s *websockets.Session) error {
			if err := s.SendText(strings.Repeat("+", 0xc123)); err != nil {
				return err
			}
			message, err := s.Receive()
			return cmpError(err, s.SendBinary(binary.BigEndian.AppendUint32(nil, uint32(len(message.Data)))))
		}, client: func(_ *testing.T, c *rawClient) {
			c.require(final|opText, strings.Repeat("+", 0xc123))
			c.write(final|opText, strings.Repeat("+", 0xcdef))
			c.require(final|opBinary, "\x00\x00\xcd\xef")
		}},
		"testSendClose": {serve: nothing, client: func(_ *testing.T, c *rawClient) {
			_, _ = c.Write(frame(final|opClose, ""))
			c.requireClosed(1000)
		}},
		// A limit of 1 MiB is on by default.
		"testBigFrame": {serve: once, client: func(_ *testing.T, c *rawClient) {
			go func() { _, _ = c.Write(frame(final|opBinary, strings.Repeat("a", 20<<20))) }()
			c.requireClosed(1009)
		}},
		"testFragmentation": {serve: once, client: func(_ *testing.T, c *rawClient) {
			c.write(opText, "ABC")
			c.write(final|opPing, "ping")
			c.require(final|opPong, "ping")
			c.write(opContinuation, "12")
			c.write(final|opContinuation, "3")
			c.require(final|opText, "ABC123")
		}},
		"testMaxSize": {
			func(c *websockets.Config) { c.MaxMessageSize = 1023 }, receives,
			func(_ *testing.T, c *rawClient) {
				c.write(final|opBinary, strings.Repeat("a", 1024))
				c.requireClosed(1009)
			}, nil,
		},
		"testFragmentationMaxSize": {
			func(c *websockets.Config) { c.MaxMessageSize = 1025 }, receives,
			func(_ *testing.T, c *rawClient) {
				c.write(opBinary, strings.Repeat("a", 1024))
				c.write(opContinuation, strings.Repeat("a", 1024))
				c.write(opContinuation, strings.Repeat("a", 1024))
				c.write(final|opContinuation, strings.Repeat("a", 1024))
				c.requireClosed(1009)
			}, nil,
		},
		"testFragmentationMaxSizeBound": {
			func(c *websockets.Config) { c.MaxMessageSize = 1025 }, receives,
			func(_ *testing.T, c *rawClient) {
				c.write(opBinary, strings.Repeat("a", 1024))
				c.write(final|opContinuation, strings.Repeat("a", 1024))
				c.requireClosed(1009)
			}, nil,
		},
		"testConversation": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			for _, text := range []string{"HELLO", "WORLD"} {
				c.write(final|opText, text)
				c.require(final|opText, text)
			}
		}},
	})
}

// cmpError returns the first error.
func cmpError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// TestKtorWebSocketTest_module are those tests of WebSocketTest that need more
// than one WebSocket at "/".
func TestKtorWebSocketTest_module(t *testing.T) {
	t.Run("testParameters", func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				websockets.Handle(r, "/{p}", func(s *websockets.Session) error { return s.SendText(s.Call().PathParam("p")) })
			})
		})
		conn, _, err := websocket.Dial(t.Context(), host.URL+"/aaa", &websocket.DialOptions{HTTPClient: host.Client()})
		require.NoError(t, err)
		assert.Equal(t, "aaa", hear(t, conn))
	})
	t.Run("testConversationWithInterceptors", func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
				return func(c *app.Call) error { return next(c) }
			})
			serving(echo)(a)
		})
		conn := dial(t, host)
		for _, text := range []string{"HELLO", "WORLD"} {
			say(t, conn, text)
			assert.Equal(t, text, hear(t, conn))
		}
	})
	t.Run("webSocket builder returns Route", func(t *testing.T) {
		apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				assert.Equal(t, "/ws", websockets.Handle(r, "/ws", nothing).String())
			})
		})
	})
}

func TestKtorWebSocketWithContentNegotiationTest(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
			c.Register("*/*", contentnegotiation.Codec(
				func(any) ([]byte, error) { return nil, errors.New("it was asked to write") },
				func([]byte, any) error { return errors.New("it was asked to read") },
			))
		}))
		serving(func(s *websockets.Session) error { return s.SendText("OK") })(a)
	})
	assert.Equal(t, "OK", hear(t, dial(t, host)))
}

func TestKtorDefaultWebSocketTest(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"closeByClient": {serve: func(s *websockets.Session) error {
			s.OnEnd(func(error) {
				reason, closed := s.CloseReason()
				assert.True(t, closed)
				assert.Equal(t, websockets.CloseReason{Code: websockets.CloseNormal, Message: "test1"}, reason)
			})
			return echo(s)
		}, client: func(_ *testing.T, c *rawClient) {
			c.write(final|opClose, closing(1000, "test1"))
			c.require(final|opClose, closing(1000, "test1"))
			_, err := c.next()
			require.ErrorIs(t, err, io.EOF)
		}},
		"pingPong": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			for i := range 5 {
				c.write(final|opPing, fmt.Sprint("ping ", i))
			}
			for i := range 5 {
				c.require(final|opPong, fmt.Sprint("ping ", i))
			}
			c.write(final|opClose, "")
			c.require(final|opClose, "")
		}},
		// The connection is cut off, without a close frame that nobody reads.
		"testPingPongTimeout": {
			func(c *websockets.Config) { c.PingPeriod, c.Timeout = 500*time.Millisecond, 500*time.Millisecond },
			func(s *websockets.Session) error {
				_, err := s.Receive()
				assert.ErrorIs(t, err, websockets.ErrPingTimeout)
				assert.ErrorIs(t, s.SendText("late"), websockets.ErrPingTimeout)
				return err
			}, func(t *testing.T, c *rawClient) {
				got, err := c.next()
				require.NoError(t, err)
				assert.Equal(t, final|opPing, got.first)
				_, err = c.next()
				assert.ErrorIs(t, err, io.EOF)
			}, nil,
		},
		"testCancellation": {serve: func(s *websockets.Session) error {
			s.End(errKicked)
			return nil
		}, client: func(_ *testing.T, c *rawClient) { c.requireClosed(1008) }},
	})
}

func TestKtorDefaultWebSocketTestJvm(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"testOutgoingCapacity": {serve: func(s *websockets.Session) error {
			for i := range 1000 {
				if err := s.SendText(fmt.Sprint(i)); err != nil {
					return err
				}
			}
			return nil
		}, client: func(_ *testing.T, c *rawClient) {
			synctest.Wait() // all are sent before the first is read
			for i := range 1000 {
				c.require(final|opText, fmt.Sprint(i))
			}
			c.requireClosed(1000)
		}},
	})
}

func TestKtorWebSocketBackpressureTest(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"testSessionBackpressure": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			go func() {
				for i := range 100 {
					_, _ = c.Write(frame(final|opText, fmt.Sprint("message ", i+1)))
				}
			}()
			for i := range 100 {
				c.require(final|opText, fmt.Sprint("message ", i+1))
			}
		}},
	})
}

// ktorTemplate is the text of which Ktor's suite sends longer and longer parts.
func ktorTemplate() string {
	var text strings.Builder
	for i := range 125 {
		fmt.Fprintf(&text, "%x", (i+1)&0xf)
	}
	return text.String()
}

func TestKtorWebSocketEngineSuite(t *testing.T) {
	leaves := func(_ *testing.T, c *rawClient) { _ = c.Close(); synctest.Wait() }
	ends := func(serve func(*websockets.Session) error) func(*websockets.Session) error {
		return func(s *websockets.Session) error {
			err := serve(s)
			assert.ErrorIs(t, context.Cause(s.Context()), websockets.ErrClientGone)
			return err
		}
	}
	template := ktorTemplate()
	runKtor(t, map[string]ktorCase{
		"testWebSocketDisconnectDuringConsuming": {serve: ends(echo), client: leaves},
		"testWebSocketDisconnectDuringSending": {serve: ends(func(s *websockets.Session) error {
			for {
				if err := s.SendText(strings.Repeat("a", 2000)); err != nil {
					return err
				}
			}
		}), client: leaves},
		"testWebSocketDisconnectDuringDowntime": {serve: ends(wait), client: leaves},
		"testWebSocketGenericSequence": {serve: func(s *websockets.Session) error {
			message, err := s.Receive()
			assert.Equal(t, "Hello", message.Text())
			return err
		}, client: func(_ *testing.T, c *rawClient) {
			c.write(final|opText, "Hello")
			_, _ = c.Write(frame(final|opClose, closing(1000, "")))
			c.requireClosed(1000)
		}},
		"testWebSocketPingPong": {func(c *websockets.Config) {
			c.Timeout, c.PingPeriod = 120*time.Second, 50*time.Millisecond
		}, echo, func(_ *testing.T, c *rawClient) {
			for range 5 {
				got, err := c.next()
				require.NoError(t, err)
				require.Equal(t, final|opPing, got.first)
				require.NotEmpty(t, got.payload)
				c.write(final|opPong, got.payload)
			}
			c.write(final|opClose, closing(1000, ""))
			c.requireClosed(1000)
		}, nil},
		"testReceiveMessages": {serve: func(s *websockets.Session) error {
			for i := range 125 {
				message, err := s.Receive()
				if !assert.NoError(t, err) {
					return err
				}
				assert.Equal(t, template[:i+1], message.Text())
			}
			return nil
		}, client: func(_ *testing.T, c *rawClient) {
			for i := range 125 {
				c.write(final|opText, template[:i+1])
			}
			c.requireClosed(1000)
		}},
		"testProduceMessages": {serve: func(s *websockets.Session) error {
			for i := range 125 {
				if err := s.SendText(template[:i+1]); err != nil {
					return err
				}
			}
			return nil
		}, client: func(_ *testing.T, c *rawClient) {
			for i := range 125 {
				c.require(final|opText, template[:i+1])
			}
			c.requireClosed(1000)
		}},
		// A limit of 1 MiB is on by default; without it 20 MiB pass.
		"testBigFrame": {func(c *websockets.Config) { c.MaxMessageSize = 0 }, once, func(_ *testing.T, c *rawClient) {
			content := strings.Repeat("abcd", 5<<20)
			go func() { _, _ = c.Write(frame(final|opBinary, content)) }()
			got, err := c.next()
			require.NoError(t, err)
			require.Equal(t, content, got.payload)
			c.requireClosed(1000)
		}, nil},
		"testALotOfFrames": {serve: func(s *websockets.Session) error {
			for i := range 100_000 {
				message, err := s.Receive()
				if err != nil || message.Text() != fmt.Sprint(i+1) {
					t.Errorf("%d: got %s, %v", i+1, message.Data, err)
					return err
				}
			}
			return nil
		}, client: func(_ *testing.T, c *rawClient) {
			buffered := bufio.NewWriter(c)
			for i := range 100_000 {
				_, err := buffered.Write(frame(final|opText, fmt.Sprint(i+1)))
				require.NoError(t, err)
			}
			require.NoError(t, buffered.Flush())
			c.requireClosed(1000)
		}},
		"testServerClosingFirst": {serve: func(s *websockets.Session) error {
			return s.CloseWith(websockets.CloseReason{Code: websockets.CloseTryAgainLater, Message: "test"})
		}, client: func(_ *testing.T, c *rawClient) { c.requireClosed(1013) }},
		"testClientClosingFirst": {serve: func(s *websockets.Session) error {
			_, err := s.Receive()
			assert.Error(t, err)
			assert.Error(t, s.SendText("Should not be sent."))
			return nil
		}, client: func(_ *testing.T, c *rawClient) {
			c.write(final|opClose, closing(1001, "Completed."))
			c.require(final|opClose, closing(1001, "Completed."))
		}},
		// A reserved bit that no extension uses breaks the rules.
		"testFragmentedFlagsFromTheFirstFrame": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			c.write(rsv1|opText, "Hello")
			c.requireClosed(1002)
		}},
		"testCorruptFrameWithBadOpcode": {serve: echo, client: func(_ *testing.T, c *rawClient) {
			_, _ = c.Write([]byte{0x83, 0x80, 0, 0, 0, 0})
			c.requireClosed(1002)
		}},
	})
}

// TestKtorWebSocketEngineSuite_module are those tests of the suite that look at
// the application.
func TestKtorWebSocketEngineSuite_module(t *testing.T) {
	t.Run("testConnectionWithContentType", func(t *testing.T) {
		host := apptest.Start(t, serving(once))
		client := dialRaw(t, host, "Content-Type: application/json")
		client.write(final|opText, "12345")
		client.require(final|opText, "12345")
		client.requireClosed(1000)
	})
	t.Run("testWebSocketSessionInheritsServerCoroutineContext", func(t *testing.T) {
		type element struct{}
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), element{}, "custom")))
				})
			})
			serving(func(s *websockets.Session) error {
				assert.Equal(t, "custom", s.Context().Value(element{}))
				return nil
			})(a)
		})
		dialRaw(t, host).requireClosed(1000)
	})
	t.Run("testWebSocketSessionCancelledOnServerStop", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cancelled := false
			host := apptest.Start(t, serving(func(s *websockets.Session) error {
				err := echo(s)
				cancelled = errors.Is(err, websockets.ErrStopping)
				return err
			}))
			dialRaw(t, host)
			synctest.Wait()
			host.Stop()
			assert.True(t, cancelled)
		})
	})
}

// unhex returns the bytes of a dump.
func unhex(t *testing.T, dump string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.NewReplacer("0x", "", " ", "").Replace(dump))
	require.NoError(t, err)
	return data
}
