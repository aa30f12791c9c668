package sse_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/routing"
)

// streams begins an event stream and goes on.
func streams(serve func(w http.ResponseWriter, r *http.Request)) http.Handler {
	return foreign{"data: a\n\n", serve}
}

// TestTwoGoroutinesOfAForeignHandler are not supported, but their writes come one
// after the other, as they are.
func TestTwoGoroutinesOfAForeignHandler(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(streams(func(w http.ResponseWriter, _ *http.Request) {
			var writing sync.WaitGroup
			for range 2 {
				writing.Go(func() {
					for range 200 {
						_, _ = io.WriteString(w, "data: b\n\n")
						_ = http.NewResponseController(w).Flush()
						elapse(time.Millisecond)
					}
				})
			}
			writing.Wait()
		}), func(c *sse.AdoptConfig) { c.Heartbeat = time.Millisecond }))
		body, err := rest(h.get("/foreign"))
		require.NoError(t, err)
		assert.Equal(t, "data: a\n\n"+strings.Repeat("data: b\n\n", 400), strings.ReplaceAll(body, foreignBeat, ""))
	})
}

// TestAForeignHandlerThatTakesItsConnection has it to itself.
func TestAForeignHandlerThatTakesItsConnection(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", adopted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			conn, _, err := http.NewResponseController(w).Hijack()
			if assert.NoError(t, err) {
				elapse(time.Minute)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: mine\n\n")
				_ = conn.Close()
			}
		})))
		body, err := rest(h.get("/foreign"))
		require.NoError(t, err)
		assert.Equal(t, "data: mine\n\n", body)
		assert.Zero(t, h.sessions().Stats().Opened)
	})
}

// TestAForeignHandlerThatSetsDeadlines of its own, as many do that know of
// http.Server.WriteTimeout, is cut by WriteTimeout all the same.
func TestAForeignHandlerThatSetsDeadlines(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		ended := make(chan time.Duration, 1)
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 7 * time.Second },
			adopted(streams(func(w http.ResponseWriter, r *http.Request) {
				began, control := time.Now(), http.NewResponseController(w)
				assert.NoError(t, control.SetReadDeadline(time.Time{}))
				if protocol == "HTTP/1.1" {
					assert.NoError(t, control.EnableFullDuplex())
				}
				for {
					assert.NoError(t, control.SetWriteDeadline(time.Time{}))
					if _, err := w.Write(make([]byte, 16<<10)); err != nil {
						assert.ErrorIs(t, err, sse.ErrWriteTimeout)
						ended <- time.Since(began)
						return
					}
				}
			})))
		h.get("/foreign") // and does not read
		assert.Equal(t, 7*time.Second, <-ended)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().WriteTimeouts)
		h.log.take("level=ERROR")
	})
}

// TestWhatPanicsAroundAForeignStream is an answer or a cut, logged once, and its
// place is free again.
func TestWhatPanicsAroundAForeignStream(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configure func(*sse.Config)
		adopt     func(*sse.AdoptConfig)
		cut       bool
	}{
		"Key": {func(c *sse.Config) {
			c.MaxSessionsPerKey, c.Key = 1, func(*app.Call) string { panic("out of order") }
		}, func(*sse.AdoptConfig) {}, false},
		"Key, ahead": {func(c *sse.Config) {
			c.MaxSessionsPerKey, c.Key = 1, func(*app.Call) string { panic("out of order") }
		}, afterTenSeconds, false},
		"Until": {func(c *sse.Config) { c.Until = func(*app.Call) (time.Time, bool) { panic("out of order") } }, func(*sse.AdoptConfig) {}, true},
		"Wants": {func(*sse.Config) {}, func(c *sse.AdoptConfig) {
			c.HeadAfter, c.Wants = 10*time.Second, func(*app.Call) bool { panic("out of order") }
		}, false},
		"Failed": {func(*sse.Config) {}, func(c *sse.AdoptConfig) {
			c.HeadAfter, c.Failed = 10*time.Second, func(*app.Call, sse.AdoptFailure) sse.Event { panic("out of order") }
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) { c.MaxSessions = 1; test.configure(c) }, func(r *routing.Route) {
					handler := http.Handler(foreign{"data: a\n\n"})
					if name == "Failed" {
						handler = thinks(answer(http.StatusConflict, "text/plain", "taken"))
					}
					adopted(handler, test.adopt)(r)
				})
				for range 2 {
					response := h.get("/foreign", "Accept", "text/event-stream")
					_, err := rest(response)
					if test.cut {
						assertCut(t, protocol, err)
					} else {
						assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
					}
					settle()
					assert.Len(t, h.log.take("level=ERROR"), 1)
				}
				stats := h.sessions().Stats()
				assert.Equal(t, []any{0, uint64(0)}, []any{stats.Open, stats.Full})
			})
		})
	}
}

// TestAForeignHandlerThatEndsItsGoroutine gives its place back.
func TestAForeignHandlerThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*sse.AdoptConfig){"": func(*sse.AdoptConfig) {}, "ahead": afterTenSeconds} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) { c.MaxSessions = 1 }, adopted(foreign{
					20 * time.Second, "data: a\n\n", func(http.ResponseWriter, *http.Request) { runtime.Goexit() },
				}, configure))
				for range 2 {
					response := h.get("/foreign", "Accept", "text/event-stream")
					assert.Equal(t, http.StatusOK, response.StatusCode)
					_, err := rest(response)
					assert.Error(t, err)
					settle()
					h.log.take("level=ERROR")
				}
				stats := h.sessions().Stats()
				assert.Equal(t, []any{0, uint64(2)}, []any{stats.Open, stats.Failed})
			})
		})
	}
}

// TestAResponseThatTakesTheForeignStreamsPlace at the commit.
func TestAResponseThatTakesTheForeignStreamsPlace(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*sse.AdoptConfig){"": func(*sse.AdoptConfig) {}, "ahead": afterTenSeconds} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := startModule(t, protocol, func(a *app.Application) {
					a.Install(sse.Plugin)
					a.Install(app.NewPlugin("Other", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
						b.OnBodyReady(func(_ *app.Call, out *app.Outgoing) error {
							out.Status = http.StatusTeapot
							out.Header.Set("Content-Type", "text/plain")
							out.SetBytes([]byte("tea"))
							return nil
						})
						return nil
					}))
					routing.Routes(a, adopted(foreign{20 * time.Second, "data: a\n\n", func(w http.ResponseWriter, _ *http.Request) {
						_, err := io.WriteString(w, "data: b\n\n")
						assert.Error(t, err)
					}}, configure))
				})
				response := h.get("/foreign", "Accept", "text/event-stream")
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, http.StatusTeapot, response.StatusCode)
				assert.Equal(t, "tea", body)
				settle()
				assert.Zero(t, h.sessions().Stats().Open)
			})
		})
	}
}

// TestTimeLimitsAroundAForeignStream: what cannot flush leaves it alone, and the
// limit of a route is for its body and writes.
func TestTimeLimitsAroundAForeignStream(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(timeouts.Plugin.With(func(c *timeouts.Config) { c.WriteTimeout = time.Second }))
				adopted(foreign{"data: a\n\n", 40 * time.Second, "data: b\n\n"})(r)
			})
			r.Group(func(r *routing.Route) {
				r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "late") })
				r.Mount("/held", foreign{"data: a\n\n", 40 * time.Second, "data: b\n\n"}).Install(sse.Adopt)
			})
		})
		body, err := rest(h.get("/foreign"))
		require.NoError(t, err)
		assert.Equal(t, "data: a\n\n"+foreignBeat+foreignBeat+"data: b\n\n", body)
		body, err = rest(h.get("/held"))
		require.NoError(t, err)
		assert.Equal(t, "data: a\n\ndata: b\n\n", body)
		assert.EqualValues(t, 1, h.sessions().Stats().Opened)
	})
}

// TestEndsInTheMiddleOfAForeignEvent.
func TestEndsInTheMiddleOfAForeignEvent(t *testing.T) {
	t.Parallel()
	half := foreign{"data: a\nda", time.Hour}
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(half))
		h.get("/foreign").Body.Close()
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().ClientsGone)
		response := h.get("/foreign")
		elapse(time.Minute)
		assert.Zero(t, h.stop())
		body, err := rest(response)
		require.NoError(t, err)
		assert.Equal(t, "data: a\nda", body)
	})
}

// TestAForeignHandlerThatDoesNotListen to its context is cut when the grace of a
// stop is over.
func TestAForeignHandlerThatDoesNotListen(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		goOn := make(chan struct{})
		h := start(t, protocol, adopted(streams(func(w http.ResponseWriter, _ *http.Request) {
			elapse(300 * time.Millisecond)
			_, err := io.WriteString(w, "data: late\n\n")
			assert.NoError(t, err)
			assert.NoError(t, http.NewResponseController(w).Flush())
			elapse(10 * time.Minute)
			_, err = io.WriteString(w, "data: too late\n\n")
			assert.ErrorIs(t, err, sse.ErrStopping)
			assert.ErrorIs(t, http.NewResponseController(w).Flush(), sse.ErrStopping)
			close(goOn)
		})))
		response := h.get("/foreign")
		settle()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		began := time.Now()
		assert.Error(t, h.application.Stop(ctx))
		assert.LessOrEqual(t, time.Since(began), time.Minute)
		<-goOn
		body, _ := rest(response)
		assert.Equal(t, "data: a\n\ndata: late\n\n", body)
		h.log.take("level=ERROR")
	})
}

// TestAnEndAtTheHeadOfAForeignStream.
func TestAnEndAtTheHeadOfAForeignStream(t *testing.T) {
	t.Parallel()
	late := func(answers chan error) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			elapse(200 * time.Millisecond) // within the grace
			w.Header().Set("Content-Type", "text/event-stream")
			_, err := io.WriteString(w, "data: a\n\n")
			<-r.Context().Done()
			answers <- errors.Join(err, context.Cause(r.Context()))
		})
	}
	t.Run("a stop", func(t *testing.T) {
		t.Parallel()
		overEach(t, func(t *testing.T, protocol string) {
			answers, bodies := make(chan error, 1), make(chan string)
			h := start(t, protocol, adopted(late(answers)))
			go func() {
				body, err := rest(h.get("/foreign"))
				assert.NoError(t, err)
				bodies <- body
			}()
			settle()
			assert.Equal(t, 200*time.Millisecond, h.stop())
			assert.ErrorIs(t, <-answers, sse.ErrStopping)
			assert.Contains(t, []string{"", "data: a\n\n"}, <-bodies)
			assert.EqualValues(t, 1, h.sessions().Stats().Stopped)
		})
	})
	t.Run("Until", func(t *testing.T) {
		t.Parallel()
		overEach(t, func(t *testing.T, protocol string) {
			answers := make(chan error, 1)
			h := startWith(t, protocol, func(c *sse.Config) {
				c.Until = func(*app.Call) (time.Time, bool) { return time.Now().Add(-time.Hour), true }
			}, adopted(late(answers)))
			_, err := rest(h.get("/foreign"))
			require.NoError(t, err)
			assert.ErrorIs(t, <-answers, sse.ErrExpired)
			settle()
			assert.EqualValues(t, 1, h.sessions().Stats().Expired)
		})
	})
}

// TestAnEndWhileAForeignHandlerWrites to a client that does not read: the handler
// is told when the write is over.
func TestAnEndWhileAForeignHandlerWrites(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		told := make(chan error, 1)
		h := start(t, protocol, adopted(streams(func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					told <- err
					return
				}
				elapse(time.Millisecond) // which lets the grace pass
			}
		})))
		response := h.get("/foreign")
		settle()
		for s := range h.sessions().All() {
			s.End(assert.AnError)
		}
		settle()
		_, err := rest(response)
		require.NoError(t, err)
		assert.ErrorIs(t, <-told, assert.AnError)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().Ended)
	})
}

// TestAThousandForeignStreamsAtAStop end at once.
func TestAThousandForeignStreamsAtAStop(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(foreign{"data: a\n\n", time.Hour}))
		responses := make([]*http.Response, 1000)
		for i := range responses {
			responses[i] = h.get("/foreign")
		}
		elapse(20 * time.Second)
		assert.Zero(t, h.stop())
		for _, response := range responses {
			body, err := rest(response)
			require.NoError(t, err)
			assert.Equal(t, "data: a\n\n"+foreignBeat, body)
		}
		assert.EqualValues(t, 1000, h.sessions().Stats().Stopped)
	})
}

// TestWhatAForeignHandlerReturnsWhenItIsTold is a clean end.
func TestWhatAForeignHandlerReturnsWhenItIsTold(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]func(w http.ResponseWriter, r *http.Request) error{
		"its context's error": func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() },
		"the cause":           func(_ http.ResponseWriter, r *http.Request) error { return context.Cause(r.Context()) },
		"a write's error": func(w http.ResponseWriter, _ *http.Request) error {
			elapse(800 * time.Millisecond)
			_, err := io.WriteString(w, "data: late\n\n")
			assert.Error(t, err)
			return err
		},
		"an abort": func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Get("/foreign", func(c *app.Call) error {
						c.Header().Set("Content-Type", "text/event-stream")
						_, _ = io.WriteString(c.Writer(), "data: a\n\n")
						<-c.Request.Context().Done()
						return result(c.Writer(), c.Request)
					}).Install(sse.Adopt)
				})
				response := h.get("/foreign")
				settle()
				h.stop()
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, "data: a\n\n", body)
				stats := h.sessions().Stats()
				assert.Equal(t, []uint64{1, 0}, []uint64{stats.Stopped, stats.Failed})
				lines := h.log.take("the event stream ended")
				require.Len(t, lines, 1)
				assert.Equal(t, name == "a write's error", strings.Contains(lines[0], "error="))
			})
		})
	}
}

// TestARefusedForeignStreamIsAnsweredWhenItsHandlerReturns, which is told.
func TestARefusedForeignStreamIsAnsweredWhenItsHandlerReturns(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) { c.MaxSessions = 1 }, func(r *routing.Route) {
			adopted(foreign{"data: a\n\n", time.Hour})(r)
			r.Mount("/deaf", streams(func(w http.ResponseWriter, r *http.Request) {
				assert.Error(t, r.Context().Err())
				assert.NoError(t, http.NewResponseController(w).Flush(), "some panic")
				_, err := io.WriteString(w, "data: b\n\n")
				assert.ErrorContains(t, err, "too many event streams")
				elapse(time.Minute)
			})).Install(sse.Adopt)
		})
		h.get("/foreign")
		began := time.Now()
		assert.Equal(t, http.StatusServiceUnavailable, h.get("/foreign").StatusCode)
		assert.Zero(t, time.Since(began))
		assert.Equal(t, http.StatusServiceUnavailable, h.get("/deaf").StatusCode)
		assert.Equal(t, time.Minute, time.Since(began))
	})
}

// TestAnOwnStreamBehindAHeadThatMayBeSentAhead is one session if it is quick
// enough, and else one in another.
func TestAnOwnStreamBehindAHeadThatMayBeSentAhead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		thinks   time.Duration
		sessions uint64
	}{"quick": {time.Second, 1}, "slow": {20 * time.Second, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 7 * time.Second }, func(r *routing.Route) {
					r.Get("/own", func(c *app.Call) error {
						elapse(test.thinks)
						return sse.Respond(c, func(s *sse.Session) error {
							for {
								if err := s.SendText(strings.Repeat("x", 16<<10)); err != nil {
									return err
								}
							}
						})
					}).Install(sse.Adopt.With(afterTenSeconds))
				})
				response := h.get("/own", "Accept", "text/event-stream")
				elapse(time.Minute)
				settle()
				stats := h.sessions().Stats()
				assert.Equal(t, []any{0, test.sessions, test.sessions}, []any{stats.Open, stats.Opened, stats.WriteTimeouts})
				response.Body.Close()
				h.log.take("level=ERROR")
			})
		})
	}
}
