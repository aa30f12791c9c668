package sse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

func TestCloseFromAnotherGoroutine(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		sessions := make(chan *sse.Session, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				sessions <- s
				return untilItEnds(ends)(s)
			})
		})
		response := h.get("/events")
		elapse(time.Minute)
		(<-sessions).Close()
		end := <-ends
		assert.ErrorIs(t, end.cause, sse.ErrClosed)
		assert.Equal(t, time.Minute, end.after)
		assert.ErrorIs(t, end.sent, sse.ErrClosed)
		assert.EqualError(t, end.sent, "send event: event stream is closed")
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestSessionIsClosedWhenServeHasReturned(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		sessions := make(chan *sse.Session, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				sessions <- s
				return nil
			})
		})
		_, err := rest(h.get("/events"))
		require.NoError(t, err)
		s := <-sessions
		assert.ErrorIs(t, context.Cause(s.Context()), sse.ErrClosed)
		err = s.SendText("late")
		assert.ErrorIs(t, err, sse.ErrClosed)
		assert.EqualError(t, err, "send event: event stream is closed: served: the function of the stream has returned: "+
			"start work that goes on beside it by s.Go")
		assert.ErrorIs(t, s.Delay(time.Hour), sse.ErrClosed)
		s.Heartbeat()
		s.Close()
	})
}

// Goroutines that go on sending while serve returns must not meet the end of
// the call.
func TestSendersOutliveServe(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const senders = 8
		failures := make(chan error, senders)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for range senders {
					go func() {
						for {
							if err := s.SendText("more"); err != nil {
								failures <- err
								return
							}
						}
					}()
				}
				return s.SendText("from serve")
			})
		})
		for range 20 {
			response := h.get("/events")
			for event := range ssetest.Events(t, response.Body) {
				assert.Contains(t, []string{"more", "from serve"}, event.Data)
			}
			for range senders {
				assert.ErrorIs(t, <-failures, sse.ErrClosed)
			}
		}
	})
}

func TestDisconnectIsSeenWithoutAWrite(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		response := h.get("/events")
		elapse(time.Hour)
		require.NoError(t, response.Body.Close())
		end := <-ends
		assert.ErrorIs(t, end.cause, sse.ErrClientGone)
		assert.Equal(t, time.Hour, end.after)
		assert.ErrorIs(t, end.sent, sse.ErrClientGone)
	})
}

// The end of the call's context is the end of the session, also for a function
// that looks at the former alone.
func TestServeThatWaitsForTheCall(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				<-s.Call().Context().Done()
				return s.Call().Context().Err()
			})
		})
		for range 50 {
			response := h.get("/events")
			settle()
			require.NoError(t, response.Body.Close())
			settle()
		}
		assert.Empty(t, h.log.take("the call failed"))
		assert.Len(t, h.log.take(`cause="client has gone" error="context canceled"`), 50)
	})
}

func TestConnectionIsLost(t *testing.T) {
	for name, lose := range map[string]func(*memnet.Conn) error{
		"closed":      (*memnet.Conn).Close,
		"reset":       (*memnet.Conn).Reset,
		"half-closed": (*memnet.Conn).CloseWrite,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				ends := make(chan ended, 1)
				h := start(t, "HTTP/1.1", func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
				conn, _ := h.dial()
				request(t, conn, "GET /events HTTP/1.1", "Host: test")
				elapse(time.Minute)
				require.NoError(t, lose(conn))
				end := <-ends
				assert.ErrorIs(t, end.cause, sse.ErrClientGone)
				assert.Equal(t, time.Minute, end.after)
			})
		})
	}
}

func TestDeafClientIsCutOff(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/flood", stuck(ends))
			r.SSE("/clock", func(s *sse.Session) error {
				for {
					if err := s.SendText("tick"); err != nil {
						return err
					}
					if err := s.Delay(time.Second); err != nil {
						return err
					}
				}
			})
		})
		others := h.get("/clock")
		began := time.Now()
		deaf := h.get("/flood")
		for second := range 21 {
			ssetest.Take(t, others.Body, 1)
			require.Equal(t, time.Duration(second)*time.Second, time.Since(began), "the others keep their time")
		}
		end := <-ends
		assert.Equal(t, sse.ErrWriteTimeout, end.cause)
		assert.ErrorIs(t, end.sent, sse.ErrWriteTimeout)
		assert.EqualError(t, end.sent, "send event: client did not read in time")
		assert.Equal(t, 30*time.Second, end.after)
		_, err := rest(deaf)
		assert.Error(t, err, "there is nothing left to end")
		settle()
		assert.Empty(t, h.log.take("the call failed"))
		logged := h.log.take("the event stream ended")
		require.Len(t, logged, 1)
		assert.Contains(t, logged[0], `cause="client did not read in time"`)
	})
}

// An event may be older than the time-out while its client takes it: what counts
// is when the client has last taken some of it.
func TestClientThatLeavesDuringALongEventHasGone(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				began := time.Now()
				err := s.SendText(strings.Repeat("x", 4<<20))
				ends <- ended{context.Cause(s.Context()), time.Since(began), err}
				return err
			})
		})
		response := h.get("/events")
		for range 40 { // 80 s for an event that has 30 s for each 256 KiB
			elapse(2 * time.Second)
			_, err := io.CopyN(io.Discard, response.Body, 32<<10)
			require.NoError(t, err)
		}
		require.NoError(t, response.Body.Close())
		end := <-ends
		assert.Equal(t, sse.ErrClientGone, end.cause)
		assert.Equal(t, 80*time.Second, end.after)
	})
}

func TestWriteTimeoutIsTheApplications(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := startModule(t, protocol, func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.WriteTimeout = 3 * time.Second })
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) { r.SSE("/events", stuck(ends)) })
		})
		h.get("/events")
		end := <-ends
		assert.Equal(t, sse.ErrWriteTimeout, end.cause)
		assert.Equal(t, 3*time.Second, end.after)
	})
}

func TestWithoutAWriteTimeoutAClientMayPause(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const length = 1 << 20
		h := startModule(t, protocol, func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.WriteTimeout = 0 })
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return s.SendText(strings.Repeat("x", length)) })
			})
		})
		response := h.get("/events")
		elapse(time.Hour)
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Len(t, body, len("data: \r\n\r\n")+length)
	})
}

func TestDisconnectFreesAStuckSend(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", stuck(ends)) })
		response := h.get("/events")
		elapse(3 * time.Second)
		require.NoError(t, response.Body.Close())
		end := <-ends
		assert.ErrorIs(t, end.cause, sse.ErrClientGone)
		assert.ErrorIs(t, end.sent, sse.ErrClientGone)
		assert.Equal(t, 3*time.Second, end.after)
	})
}

func TestCloseLetsAStuckSendFinish(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				time.AfterFunc(time.Second, s.Close)
				began := time.Now()
				assert.NoError(t, s.SendText(strings.Repeat("x", 200<<10)))
				assert.Equal(t, 5*time.Second, time.Since(began))
				return s.SendText("late")
			})
		})
		response := h.get("/events")
		elapse(5 * time.Second)
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Len(t, body, len("data: \r\n\r\n")+200<<10)
	})
}

func TestSlowButSteadyReaderGetsEverything(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		event := sse.Event{Data: strings.Repeat("x", 16<<10)}
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for range 50 {
					if err := s.Send(event); err != nil {
						return err
					}
				}
				return nil
			})
		})
		response := h.get("/events")
		wire := encode(t, event)
		for range 50 {
			elapse(2 * time.Second) // 100 s for a body whose events have 30 s each
			got := make([]byte, len(wire))
			_, err := io.ReadFull(response.Body, got)
			require.NoError(t, err)
			require.Equal(t, wire, string(got))
		}
		left, err := rest(response)
		assert.NoError(t, err)
		assert.Empty(t, left)
	})
}

func TestClientThatPausesGetsEverything(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for range 25 {
					if err := s.SendText(strings.Repeat("x", 1000)); err != nil {
						return err
					}
					if err := s.Delay(time.Second); err != nil {
						return err
					}
				}
				return nil
			})
		})
		response := h.get("/events")
		elapse(20 * time.Second)
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, strings.Repeat("data: "+strings.Repeat("x", 1000)+"\r\n\r\n", 25), body)
	})
}

func TestQuietStreamStaysOpen(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				if err := s.Delay(100 * time.Second); err != nil {
					return err
				}
				if err := s.SendText("one"); err != nil {
					return err
				}
				return s.Delay(100 * time.Second)
			})
		})
		began := time.Now()
		body, err := rest(h.get("/events"))
		assert.NoError(t, err)
		assert.Equal(t, "data: one\r\n\r\n", body)
		assert.Equal(t, 200*time.Second, time.Since(began))
	})
}

func TestFailureWhileAliveCutsTheStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		broken := errors.New("broken")
		var hooked []error
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(app.NewPlugin("Watch", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.OnCallFailed(func(c *app.Call, cause error) error {
					hooked = append(hooked, cause)
					return nil
				})
				return nil
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/error", func(s *sse.Session) error { return errors.Join(s.SendText("hello"), broken) })
				r.SSE("/panic", func(s *sse.Session) error {
					_ = s.SendText("hello")
					panic(broken)
				})
				r.SSE("/encode", func(s *sse.Session) error { return errors.Join(s.SendText("hello"), s.Send(sse.Event{Retry: -1})) })
			})
		})
		for path, want := range map[string]error{"/error": broken, "/panic": broken, "/encode": sse.ErrInvalidEvent} {
			response := h.get(path)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			body, err := rest(response)
			assertCut(t, protocol, err)
			assert.Equal(t, "data: hello\r\n\r\n", body)
			settle()
			require.Len(t, hooked, 1)
			assert.ErrorIs(t, hooked[0], want)
			hooked = nil
			logged := h.log.take("level=ERROR")
			require.Len(t, logged, 1, "logged once")
			assert.Contains(t, logged[0], want.Error())
			assert.Equal(t, path == "/panic", strings.Contains(logged[0], "ends_test.go"), "a panic is logged with its stack")
		}
	})
}

// What a function returns may wrap the cause of another session's end.
func TestFailureThatWrapsACauseIsAFailure(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) {
			c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Data: "the application stops"} }
		}, func(r *routing.Route) {
			r.SSE("/events", begun(func(*sse.Session) error { return fmt.Errorf("relay: %w", sse.ErrStopping) }))
		})
		body, err := rest(h.get("/events"))
		assertCut(t, protocol, err)
		assert.Empty(t, body, "the last event is for a stop")
		settle()
		assert.Len(t, h.log.take("the call failed"), 1)
		assert.Equal(t, sse.Stats{Opened: 1, Failed: 1}, h.sessions().Stats())
	})
}

func TestAbortHandlerPanicCutsInSilence(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/alive", begun(func(s *sse.Session) error { panic(http.ErrAbortHandler) }))
			r.SSE("/closed", begun(func(s *sse.Session) error {
				s.Close()
				panic(http.ErrAbortHandler)
			}))
		})
		for _, path := range []string{"/alive", "/closed"} {
			_, err := rest(h.get(path))
			assertCut(t, protocol, err)
		}
	})
}

func TestFailureAfterTheEndEndsCleanly(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/error", func(s *sse.Session) error {
				s.Close()
				return errors.New("too late")
			})
			r.SSE("/panic", func(s *sse.Session) error {
				s.Close()
				panic("too late")
			})
		})
		_, err := rest(h.get("/error"))
		assert.NoError(t, err)
		_, err = rest(h.get("/panic"))
		assert.NoError(t, err)
		logged := h.log.take("level=ERROR")
		require.Len(t, logged, 1, "a panic is a mistake at any time")
		assert.Contains(t, logged[0], "too late")
		assert.Contains(t, logged[0], "ends_test.go")
	})
}

func TestConnectionIsUsedAgainAfterACleanEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return s.SendText(s.Call().Request.RemoteAddr) })
		})
		for range 3 {
			_, body := h.text(http.MethodGet, "/events")
			assert.Equal(t, "data: 192.0.2.2:1024\r\n\r\n", body)
			elapse(time.Hour) // no deadline of a stream is left to meet the next one
		}
	})
}
