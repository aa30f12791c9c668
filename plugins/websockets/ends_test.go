package websockets_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
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

var errKicked = errors.New("kicked out")

// wait is a function that waits for the end of its session.
func wait(s *websockets.Session) error {
	<-s.Context().Done()
	return context.Cause(s.Context())
}

// TestEnds: each cause has a code for the client, a counter, and a line in the
// log, which has the level of a failure if the application has failed.
func TestEnds(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*websockets.Config)
		serve     func(*websockets.Session) error
		client    func(*rawClient) // what it does before it looks
		code      uint16
		text      string
		cause     error
		stats     websockets.Stats
		fails     bool
	}{
		"the function returns": {
			serve: nothing, code: 1000, cause: websockets.ErrClosed, stats: websockets.Stats{Served: 1},
		},
		"Close": {
			serve: func(s *websockets.Session) error { s.Close(); return wait(s) },
			code:  1000, cause: websockets.ErrClosed, stats: websockets.Stats{Closed: 1},
		},
		"CloseWith": {
			serve: func(s *websockets.Session) error {
				return s.CloseWith(websockets.CloseReason{Code: 4000, Message: "wrong room"})
			},
			code: 4000, text: "wrong room", cause: websockets.ErrClosed, stats: websockets.Stats{Closed: 1},
		},
		"a reason is returned": {
			serve: func(s *websockets.Session) error {
				return fmt.Errorf("look: %w", websockets.CloseReason{Code: 4001, Message: "wrong room"})
			},
			code: 4001, text: "wrong room", stats: websockets.Stats{Closed: 1},
		},
		"a reason that cannot be sent is returned": {
			serve: func(s *websockets.Session) error { return websockets.CloseReason{Code: 17} },
			code:  1011, stats: websockets.Stats{Closed: 1},
		},
		"End": {
			serve: func(s *websockets.Session) error { s.End(errKicked); return wait(s) },
			code:  1008, cause: errKicked, stats: websockets.Stats{Ended: 1},
		},
		"End with a reason": {
			serve: func(s *websockets.Session) error {
				s.End(websockets.CloseReason{Code: 4003, Message: "logged out"})
				return nil
			},
			code: 4003, text: "logged out", stats: websockets.Stats{Ended: 1},
		},
		"End without a cause": {
			serve: func(s *websockets.Session) error { s.End(nil); return nil },
			code:  1008, cause: websockets.ErrClosed, stats: websockets.Stats{Ended: 1},
		},
		"an error": {
			serve: func(s *websockets.Session) error { return errors.New("the secret of the house") },
			code:  1011, stats: websockets.Stats{Failed: 1}, fails: true,
		},
		"an error of the client": {
			serve: func(s *websockets.Session) error { return app.NewError(http.StatusNotFound, "no such room") },
			code:  1008, stats: websockets.Stats{Ended: 1},
		},
		"a panic": {
			serve: func(s *websockets.Session) error { panic("the secret of the house") },
			code:  1011, stats: websockets.Stats{Failed: 1}, fails: true,
		},
		"the goroutine ends": {
			serve: func(s *websockets.Session) error { runtime.Goexit(); return nil },
			code:  1011, stats: websockets.Stats{Failed: 1}, fails: true,
		},
		"work fails": {
			serve: func(s *websockets.Session) error {
				s.Go(func(context.Context) error { panic("the secret of the house") })
				return wait(s)
			},
			code: 1011, stats: websockets.Stats{Failed: 1}, fails: true,
		},
		"MaxAge": {
			configure: func(c *websockets.Config) { c.MaxAge = time.Hour }, serve: wait,
			code: 1001, cause: websockets.ErrTooOld, stats: websockets.Stats{TooOld: 1},
		},
		"Until": {
			configure: func(c *websockets.Config) {
				c.Until = func(*app.Call) (time.Time, bool) { return time.Now().Add(time.Minute), true }
			},
			serve: wait, code: 1008, cause: websockets.ErrExpired, stats: websockets.Stats{Expired: 1},
		},
		"Until has passed": {
			configure: func(c *websockets.Config) {
				c.Until = func(*app.Call) (time.Time, bool) { return time.Now(), true }
			},
			serve: func(s *websockets.Session) error { panic("it was served") },
			code:  1008, cause: websockets.ErrExpired, stats: websockets.Stats{Expired: 1},
		},
		"Until panics": {
			configure: func(c *websockets.Config) {
				c.Until = func(*app.Call) (time.Time, bool) { panic("until") }
			},
			serve: func(s *websockets.Session) error { panic("it was served") },
			code:  1011, stats: websockets.Stats{Failed: 1}, fails: true,
		},
		"the client breaks the rules": {
			serve: echo, client: func(c *rawClient) { c.write(final|0x3, "") },
			code: 1002, cause: websockets.ErrProtocol, stats: websockets.Stats{Violations: 1},
		},
		"the client does not mask": {
			serve: echo, client: func(c *rawClient) { _, _ = c.Write([]byte{final | opText, 1, 'a'}) },
			code: 1002, cause: websockets.ErrProtocol, stats: websockets.Stats{Violations: 1},
		},
		"the client sends too much": {
			configure: func(c *websockets.Config) { c.MaxMessageSize = 1 },
			serve:     echo, client: func(c *rawClient) { c.write(final|opText, "ab") },
			code: 1009, cause: websockets.ErrTooBig,
			stats: websockets.Stats{Violations: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ends []error
				host := apptest.Start(t, configured(test.configure, func(s *websockets.Session) error {
					s.OnEnd(func(cause error) { ends = append(ends, cause) })
					return test.serve(s)
				}))
				client := dialRaw(t, host)
				if test.client != nil {
					test.client(client)
				}
				var got gotFrame
				for {
					var err error
					got, err = client.next()
					require.NoError(t, err)
					if got.first == final|opPing {
						client.write(final|opPong, got.payload)
						continue
					}
					break
				}
				require.Equal(t, final|opClose, got.first)
				if test.client != nil {
					got.payload = got.payload[:2] // the rest is the library's
				}
				assert.Equal(t, closing(test.code, test.text), got.payload)
				client.write(final|opClose, got.payload)
				_, err := client.next()
				require.ErrorIs(t, err, io.EOF)
				synctest.Wait()

				stats := sessionsOf(t, host).Stats()
				test.stats.Opened = 1
				assert.Equal(t, test.stats, stats)
				if strings.HasPrefix(name, "Until ") { // the function has not run
					assert.Empty(t, ends)
				} else if assert.Len(t, ends, 1) && test.cause != nil {
					assert.ErrorIs(t, ends[0], test.cause)
				}
				ended, failed := host.Log().Find("the WebSocket ended"), host.Log().Find("the call failed")
				if test.fails {
					assert.Empty(t, ended)
					require.Len(t, failed, 1)
					assert.Equal(t, slog.LevelError, failed[0].Level)
					assert.Equal(t, "/", failed[0].Attrs["route"])
					return
				}
				assert.Empty(t, failed)
				require.Len(t, ended, 1)
				assert.Equal(t, slog.LevelDebug, ended[0].Level)
				for _, key := range []string{"route", "session", "duration", "sent", "sentBytes", "received", "receivedBytes", "cause"} {
					assert.Contains(t, ended[0].Attrs, key)
				}
			})
		})
	}
}

// TestTheCauseReachesEverybody who sends, receives or waits.
func TestTheCauseReachesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		causes := make(chan error, 10)
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			s.Go(func(ctx context.Context) error { <-ctx.Done(); causes <- context.Cause(ctx); return nil })
			s.Go(func(context.Context) error { _, err := s.Receive(); causes <- err; return nil })
			s.Go(func(context.Context) error { _, _, err := s.Reader(); causes <- err; return nil })
			<-s.Context().Done()
			causes <- s.SendText("late")
			_, err := s.Writer(websockets.Text)
			causes <- err
			_, err = s.Receive()
			causes <- err
			return nil
		}))
		dialRaw(t, host)
		synctest.Wait()
		sessionsOf(t, host).CloseAll()
		host.Stop()
		close(causes)
		n := 0
		for cause := range causes {
			assert.ErrorIs(t, cause, websockets.ErrClosed)
			n++
		}
		assert.Equal(t, 6, n)
	})
}

// TestTheClientLeaves with a close frame, which is answered with the same code, or
// without one.
func TestTheClientLeaves(t *testing.T) {
	for name, test := range map[string]struct {
		leave  func(*rawClient)
		reason *websockets.CloseReason
		stats  websockets.Stats
	}{
		"with a reason": {
			func(c *rawClient) {
				c.write(final|opClose, closing(4321, "bye"))
				c.require(final|opClose, closing(4321, "bye"))
			},
			&websockets.CloseReason{Code: 4321, Message: "bye"}, websockets.Stats{Opened: 1, ClientsClosed: 1},
		},
		"without a code": {
			func(c *rawClient) {
				c.write(final|opClose, "")
				c.require(final|opClose, "")
			},
			&websockets.CloseReason{Code: websockets.CloseNoStatus}, websockets.Stats{Opened: 1, ClientsClosed: 1},
		},
		"without a close frame": {
			func(c *rawClient) { _ = c.Close() }, nil, websockets.Stats{Opened: 1, ClientsGone: 1},
		},
		"in the middle of a frame": {
			func(c *rawClient) { _, _ = c.Write([]byte{final | opText}); _ = c.Close() }, nil, websockets.Stats{Opened: 1, ClientsGone: 1},
		},
	} {
		for way, serve := range map[string]func(*websockets.Session) error{"receives": echo, "waits": wait} {
			t.Run(name+", while the function "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var session *websockets.Session
					host := apptest.Start(t, serving(func(s *websockets.Session) error {
						session = s
						return serve(s)
					}))
					client := dialRaw(t, host)
					began := time.Now()
					test.leave(client)
					synctest.Wait()
					elapsed(t, began, 0)
					assert.Equal(t, test.stats, sessionsOf(t, host).Stats())
					reason, closed := session.CloseReason()
					assert.Equal(t, test.reason != nil, closed)
					if test.reason != nil {
						assert.Equal(t, *test.reason, reason)
					}
					assert.Len(t, host.Log().Find("the WebSocket ended"), 1)
					assert.Empty(t, host.Log().AtLeast(slog.LevelInfo+1))
				})
			})
		}
	}
}

// TestAFailureAfterTheEnd is logged if it is a mistake, and changes nothing.
func TestAFailureAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			<-s.Context().Done()
			panic("too late")
		}))
		_ = dialRaw(t, host).Close()
		synctest.Wait()
		assert.Equal(t, websockets.Stats{Opened: 1, ClientsGone: 1}, sessionsOf(t, host).Stats())
		failed := host.Log().AtLeast(slog.LevelError)
		require.Len(t, failed, 1)
		assert.Contains(t, failed[0].Attrs, "stack")
	})
}

// TestAClientThatDoesNotAnswerAClose has 5 s, or Timeout if that is less.
func TestAClientThatDoesNotAnswerAClose(t *testing.T) {
	for name, test := range map[string]struct {
		timeout, takes time.Duration
	}{
		"by default": {15 * time.Second, 5 * time.Second},
		"by Timeout": {2 * time.Second, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(func(c *websockets.Config) { c.Timeout = test.timeout }, nothing))
				client := dialRaw(t, host)
				began := time.Now()
				client.require(final|opClose, closing(1000, ""))
				_, err := client.next()
				require.ErrorIs(t, err, io.EOF)
				elapsed(t, began, test.takes)
			})
		})
	}
}

// TestOnEndComesWhenTheConnectionIsClosed, also when nobody reads from it because a
// message has waited for the function.
func TestOnEndComesWhenTheConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			time.Sleep(time.Second)
			began := time.Now()
			s.OnEnd(func(error) { took = time.Since(began) })
			return nil
		}))
		dialRaw(t, host).write(final|opText, "Hello")
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, 5*time.Second, took)
	})
}

// TestASenderLearnsThatTheClientHasClosed, and not that its connection is closed,
// which is so before anybody knows why.
func TestASenderLearnsThatTheClientHasClosed(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, serving(func(s *websockets.Session) error {
				for {
					if err := s.SendBinary(make([]byte, 10)); err != nil {
						assert.ErrorIs(t, err, websockets.ErrClientClosed)
						return err
					}
				}
			}))
			client := dialRaw(t, host)
			client.write(final|opClose, closing(1000, ""))
			_, _ = io.Copy(io.Discard, client.reader)
			synctest.Wait()
			assert.Equal(t, uint64(1), sessionsOf(t, host).Stats().ClientsClosed)
		})
	}
}

// TestASlowClient is cut off if it takes nothing for WriteTimeout, and never while
// it takes something.
func TestASlowClient(t *testing.T) {
	flood := func(s *websockets.Session) error {
		for range 10 {
			if err := s.SendBinary(make([]byte, 100_000)); err != nil {
				return err
			}
		}
		return nil
	}
	configure := func(c *websockets.Config) { c.WriteTimeout, c.PingPeriod = 10*time.Second, 0 }
	t.Run("that takes nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, configured(configure, flood))
			dialRaw(t, host)
			time.Sleep(10*time.Second - 1)
			synctest.Wait()
			assert.Equal(t, 1, sessionsOf(t, host).Stats().Open)
			// A part of the piece that is on its way may have been taken late.
			time.Sleep(30 * time.Second)
			synctest.Wait()
			stats := sessionsOf(t, host).Stats()
			assert.Equal(t, []uint64{0, 1}, []uint64{uint64(stats.Open), stats.WriteTimeouts})
		})
	})
	t.Run("that takes a little", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, configured(configure, flood))
			client := dialRaw(t, host)
			total := int64(0)
			for total < 990_000 {
				time.Sleep(9 * time.Second)
				n, err := io.CopyN(io.Discard, client.reader, 9_000)
				require.NoError(t, err)
				total += n
			}
		})
	})
}

// TestOnEnd: last first, when the place is free.
func TestOnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []int
		var after *websockets.Session
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			after = s
			sessions, _ := websockets.SessionsOf(s.Call().Scope())
			s.OnEnd(func(error) { order = append(order, 1, sessions.Stats().Open) })
			s.OnEnd(func(error) { panic("on end") })
			s.OnEnd(func(error) { order = append(order, 2, sessions.Stats().Open) })
			s.OnEnd(nil)
			s.Go(nil)
			return nil
		}))
		require.NoError(t, dial(t, host).Close(websocket.StatusNormalClosure, ""))
		synctest.Wait()
		assert.Equal(t, []int{2, 0, 1, 0}, order)
		assert.Len(t, host.Log().Find("a function of OnEnd failed"), 1)
		assert.Len(t, host.Log().Find("a nil function was left out"), 2)
		after.OnEnd(func(cause error) { order = append(order, 3) })
		assert.Equal(t, 3, order[4])
		after.Go(func(context.Context) error { panic("never") })
	})
}
