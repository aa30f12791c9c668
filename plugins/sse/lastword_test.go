package sse_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

var (
	errTooDear   = errors.New("it has become too dear")
	errLoggedOut = errors.New("the user has logged out")
)

// outside are the ends that come neither from the code that serves a stream nor
// from the client, each after a minute at most.
var outside = map[string]struct {
	cause      error
	configure  func(*sse.Config)
	middleware func(http.Handler) http.Handler
	end        func(h *host) // nil ends by the time
}{
	"stop":                   {cause: sse.ErrStopping, end: func(h *host) { go h.stop() }},
	"age":                    {cause: sse.ErrTooOld, configure: func(c *sse.Config) { c.MaxAge = time.Minute }},
	"expiry":                 {cause: sse.ErrExpired, configure: expiring(time.Minute)},
	"End":                    {cause: errLoggedOut, end: endAll(errLoggedOut)},
	"deadline":               {cause: context.DeadlineExceeded, middleware: within(time.Minute, nil)},
	"deadline with a reason": {cause: errTooDear, middleware: within(time.Minute, errTooDear)},
}

// isDeadline reports whether a cause in outside is that of a deadline.
func isDeadline(cause error) bool {
	return errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, errTooDear)
}

// expiring lets each session expire after some time.
func expiring(after time.Duration) func(*sse.Config) {
	return func(c *sse.Config) {
		c.Until = func(*app.Call) (time.Time, bool) { return time.Now().Add(after), true }
	}
}

// endAll ends all sessions that are open.
func endAll(cause error) func(h *host) {
	return func(h *host) {
		for s := range h.sessions().All() {
			s.End(cause)
		}
	}
}

// endedFromOutside runs a test for each end from outside. Its stream is served
// by serve; end lets the end come, for a stop in the background.
func endedFromOutside(t *testing.T, configure func(*app.Config), adapt func(*sse.Config), serve func(*sse.Session) error,
	test func(t *testing.T, h *host, response *http.Response, cause error, end func()),
) {
	t.Helper()
	for name, of := range outside {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := startModule(t, protocol, func(a *app.Application) {
					if configure != nil {
						a.Configure(configure)
					}
					a.Install(sse.Plugin.With(func(c *sse.Config) {
						if of.configure != nil {
							of.configure(c)
						}
						if adapt != nil {
							adapt(c)
						}
					}))
					routing.Routes(a, func(r *routing.Route) {
						if of.middleware != nil {
							r.Use(of.middleware)
						}
						r.SSE("/events", serve)
					})
				})
				test(t, h, h.get("/events"), of.cause, func() {
					if of.end != nil {
						of.end(h)
					} else {
						elapse(time.Minute)
					}
					settle()
				})
			})
		})
	}
}

// A function that learns of the end, in whatever way, can tell its client.
func TestLastWordAfterAnEndFromOutside(t *testing.T) {
	for name, learn := range map[string]func(*sse.Session) error{
		"by Delay":    func(s *sse.Session) error { return s.Delay(time.Hour) },
		"by SendFrom": func(s *sse.Session) error { return s.SendFrom(nil) },
		"by the context": func(s *sse.Session) error {
			<-s.Context().Done()
			return context.Cause(s.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			var learned error
			endedFromOutside(t, nil, nil, func(s *sse.Session) error {
				learned = learn(s)
				if err := s.SendText("so far"); err != nil {
					return err
				}
				return s.Send(sse.Event{Event: "error", Data: "it took too long"})
			}, func(t *testing.T, h *host, response *http.Response, cause error, end func()) {
				end()
				body, err := rest(response)
				assert.NoError(t, err, "what was told is whole")
				assert.Equal(t, "data: so far\r\n\r\nevent: error\r\ndata: it took too long\r\n\r\n", body)
				assert.ErrorIs(t, learned, cause)
				settle()
				assert.Len(t, h.log.take(`msg="the event stream ended"`), 1)
				assert.Zero(t, h.sessions().Stats().Open)
			})
		})
	}
}

// A function that looks at nothing but what Send says is ended cleanly as well.
func TestStopEndsWhoOnlySends(t *testing.T) {
	for name, pause := range map[string]time.Duration{"in a flood": time.Millisecond, "at times": 90 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						for {
							if err := s.SendText(strings.Repeat("x", 1000)); err != nil {
								return err
							}
							time.Sleep(pause)
						}
					})
				})
				response := h.get("/events")
				ends := make(chan error, 1)
				go func() {
					_, err := rest(response)
					ends <- err
				}()
				elapse(time.Second)
				assert.LessOrEqual(t, h.stop(), 600*time.Millisecond)
				assert.NoError(t, <-ends)
			})
		})
	}
}

// A function that returns the error has not dealt with it.
func TestDeadlineThatNobodyDealsWithCutsTheStream(t *testing.T) {
	endedFromOutside(t, nil, nil, func(s *sse.Session) error { return s.Delay(time.Hour) },
		func(t *testing.T, h *host, response *http.Response, cause error, end func()) {
			end()
			_, err := rest(response)
			settle()
			if !isDeadline(cause) {
				assert.NoError(t, err)
				return
			}
			assert.Error(t, err)
			logged := h.log.take("the call failed")
			require.Len(t, logged, 1)
			assert.Contains(t, logged[0], cause.Error())
		})
}

// Who goes on sending is ended by the grace.
func TestLastWordsHaveTheGrace(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Second, 4 * time.Second} {
		var sent int
		var failed error
		endedFromOutside(t, func(c *app.Config) { c.ShutdownGrace = grace }, nil, func(s *sse.Session) error {
			<-s.Context().Done()
			sent, failed = 0, nil
			for failed == nil {
				if failed = s.SendText("more"); failed == nil {
					sent++
					time.Sleep(100 * time.Millisecond)
				}
			}
			assert.ErrorIs(t, s.SendText("and more"), context.Cause(s.Context()))
			return nil
		}, func(t *testing.T, _ *host, response *http.Response, cause error, end func()) {
			end()
			body, err := rest(response)
			if grace > 0 {
				assert.NoError(t, err, "there is time left to end cleanly")
			}
			assert.ErrorIs(t, failed, cause)
			assert.Equal(t, int(grace/2/(100*time.Millisecond)), sent)
			assert.Equal(t, sent, strings.Count(body, "more"))
		})
	}
}

// The grace is that of the session's end, not that of its first word.
func TestLastWordMayComeTooLate(t *testing.T) {
	endedFromOutside(t, nil, nil, func(s *sse.Session) error {
		<-s.Context().Done()
		time.Sleep(500 * time.Millisecond)
		assert.ErrorIs(t, s.SendText("late"), context.Cause(s.Context()))
		return nil
	}, func(t *testing.T, _ *host, response *http.Response, _ error, end func()) {
		end()
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Empty(t, body)
	})
}

func TestSendSaysThatTheClientHasGoneSince(t *testing.T) {
	var sent error
	patient := func(c *app.Config) { c.ShutdownGrace, c.ShutdownTimeout = time.Minute, time.Hour }
	endedFromOutside(t, patient, nil, func(s *sse.Session) error {
		<-s.Context().Done()
		time.Sleep(20 * time.Second) // the client leaves meanwhile
		sent = s.SendText("is anybody there?")
		return nil
	}, func(t *testing.T, h *host, response *http.Response, cause error, end func()) {
		end()
		require.NoError(t, response.Body.Close())
		elapse(time.Minute)
		settle()
		assert.ErrorIs(t, sent, sse.ErrClientGone)
		assert.NotErrorIs(t, sent, cause)
		assert.Zero(t, h.sessions().Stats().Open)
	})
}

// The other ends leave nobody to tell, or are the application's own.
func TestNoLastWordAfterOtherEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end   func(*sse.Session)
		cause error
	}{
		"Close": {(*sse.Session).Close, sse.ErrClosed},
		"failed work": {func(s *sse.Session) {
			s.Go(func(context.Context) error { return errTooDear })
		}, errTooDear},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.SSE("/events", begun(func(s *sse.Session) error {
						test.end(s)
						<-s.Context().Done()
						assert.ErrorIs(t, s.SendText("late"), test.cause)
						return nil
					}))
				})
				body, _ := rest(h.get("/events"))
				assert.Empty(t, body)
				settle()
				h.log.take(errTooDear.Error())
			})
		})
	}
}

// A goroutine that nobody waits for must not meet the connection's next
// request.
func TestNoLastWordWhenTheFunctionHasReturned(t *testing.T) {
	var sent error
	endedFromOutside(t, nil, nil, func(s *sse.Session) error {
		go func() {
			<-s.Context().Done()
			time.Sleep(250 * time.Millisecond)
			sent = s.SendText("late")
		}()
		<-s.Context().Done()
		return nil
	}, func(t *testing.T, _ *host, response *http.Response, cause error, end func()) {
		end()
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Empty(t, body)
		elapse(500 * time.Millisecond)
		settle()
		assert.ErrorIs(t, sent, cause)
	})
}

// A deadline may come before the head has left: a last word sends it, and an
// error is an answer.
func TestLastWordBeforeTheHead(t *testing.T) {
	for name, test := range map[string]struct {
		serve  func(*sse.Session) error
		status int
		body   string
	}{
		"a word":   {greet, http.StatusOK, "data: hello\r\n\r\n"},
		"silence":  {func(*sse.Session) error { return nil }, http.StatusOK, ""},
		"an error": {func(s *sse.Session) error { return context.Cause(s.Context()) }, http.StatusGatewayTimeout, "Gateway Timeout"},
		"from a goroutine that nobody waits for": {func(s *sse.Session) error {
			go func() {
				time.Sleep(time.Millisecond)
				assert.Error(t, s.SendText("late"))
			}()
			return errTooDear
		}, http.StatusGatewayTimeout, "Gateway Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(within(50*time.Millisecond, nil))
					r.SSE("/events", func(s *sse.Session) error {
						<-s.Context().Done()
						return test.serve(s)
					})
				})
				status, body := h.text(http.MethodGet, "/events")
				assert.Equal(t, test.status, status)
				assert.Equal(t, test.body, body)
				elapse(time.Second)
				h.log.take("level=ERROR")
				assert.Zero(t, h.sessions().Stats().Open)
			})
		})
	}
}

// Whatever becomes of the end itself, the session is over for everybody.
func TestSessionIsOverHoweverItsLastEventEnds(t *testing.T) {
	for name, compose := range map[string]func(*sse.Session, error) sse.Event{
		"a panic":            func(*sse.Session, error) sse.Event { panic("no words") },
		"an invalid event":   func(*sse.Session, error) sse.Event { return sse.Event{ID: "\n"} },
		"the goroutine ends": func(*sse.Session, error) sse.Event { runtime.Goexit(); return sse.Event{} },
	} {
		t.Run(name, func(t *testing.T) {
			var sent error
			endedFromOutside(t, nil, func(c *sse.Config) { c.LastEvent = compose }, func(s *sse.Session) error {
				go func() {
					<-s.Context().Done()
					time.Sleep(250 * time.Millisecond)
					sent = s.SendText("late")
				}()
				return s.Delay(time.Hour)
			}, func(t *testing.T, h *host, response *http.Response, cause error, end func()) {
				end()
				body, _ := rest(response)
				assert.Empty(t, body)
				elapse(500 * time.Millisecond)
				settle()
				assert.ErrorIs(t, sent, cause)
				assert.Zero(t, h.sessions().Stats().Open)
				assert.NotEmpty(t, h.log.take("level=ERROR"))
			})
		})
	}
}

// A client that does not read gets no more time for a last word than for any
// other event, and at a stop no more than the grace.
func TestLastWordThatIsStuck(t *testing.T) {
	var sent error
	var took time.Duration
	endedFromOutside(t, nil, func(c *sse.Config) { c.WriteTimeout = 5 * time.Second }, func(s *sse.Session) error {
		<-s.Context().Done()
		began := time.Now()
		sent = s.SendText(strings.Repeat("x", 1<<20))
		took = time.Since(began)
		return nil
	}, func(t *testing.T, _ *host, _ *http.Response, cause error, end func()) {
		end()
		elapse(time.Minute)
		settle()
		if errors.Is(cause, sse.ErrStopping) {
			assert.ErrorIs(t, sent, sse.ErrStopping)
			assert.Equal(t, time.Second, took)
		} else {
			assert.ErrorIs(t, sent, sse.ErrWriteTimeout)
			assert.Equal(t, 5*time.Second, took)
		}
	})
}

func TestLastWordThatIsInvalid(t *testing.T) {
	endedFromOutside(t, nil, nil, func(s *sse.Session) error {
		<-s.Context().Done()
		err := s.Send(sse.Event{ID: "\n"})
		assert.ErrorIs(t, err, sse.ErrInvalidEvent)
		return err
	}, func(t *testing.T, h *host, response *http.Response, _ error, end func()) {
		end()
		_, _ = rest(response)
		settle()
		logged := h.log.take("level=ERROR")
		require.Len(t, logged, 1)
		assert.Contains(t, logged[0], "is not printable ASCII", "a mistake is one at any time")
	})
}

// LastEvent is told why, and may be silent; what it says makes the end a whole
// one.
func TestLastEventAfterEachEndFromOutside(t *testing.T) {
	for _, text := range []string{"", "farewell"} {
		var asked []error
		endedFromOutside(t, nil, func(c *sse.Config) {
			asked = nil
			c.StopRetry = time.Hour
			c.LastEvent = func(s *sse.Session, cause error) sse.Event {
				asked = append(asked, cause)
				assert.Equal(t, cause, context.Cause(s.Context()))
				return sse.Event{Data: text}
			}
		}, func(s *sse.Session) error { return s.Delay(time.Hour) },
			func(t *testing.T, h *host, response *http.Response, cause error, end func()) {
				end()
				body, err := rest(response)
				settle()
				require.Len(t, asked, 1)
				assert.ErrorIs(t, asked[0], cause)
				assert.EqualError(t, asked[0], cause.Error())
				assert.Equal(t, text != "", strings.HasPrefix(body, "data: farewell\r\n"), body)
				assert.Equal(t, errors.Is(cause, sse.ErrStopping), strings.Contains(body, "retry: "), "a server that stays wants its clients back")
				if text != "" || !isDeadline(cause) {
					assert.NoError(t, err)
				} else {
					assert.Error(t, err)
					assert.Len(t, h.log.take("the call failed"), 1)
				}
			})
	}
}

func TestLastEventIsForEndsFromOutside(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := startWith(t, protocol, func(c *sse.Config) {
			c.WriteTimeout = time.Second
			c.LastEvent = func(_ *sse.Session, cause error) sse.Event {
				assert.Fail(t, cause.Error())
				return sse.Event{}
			}
		}, func(r *routing.Route) {
			r.SSE("/served", greet)
			r.SSE("/closed", func(s *sse.Session) error { s.Close(); return nil })
			r.SSE("/failed", func(*sse.Session) error { return errTooDear })
			r.SSE("/stuck", stuck(ends))
			r.SSE("/open", untilItEnds(ends))
		})
		for _, path := range []string{"/served", "/closed", "/failed"} {
			_, _ = rest(h.get(path))
		}
		require.NoError(t, h.get("/open").Body.Close())
		<-ends
		h.get("/stuck")
		<-ends
		settle()
		h.log.take(errTooDear.Error())
	})
}
