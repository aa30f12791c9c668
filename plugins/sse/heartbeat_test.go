package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestHeartbeatByDefault(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat()
				return s.Delay(75 * time.Second)
			})
			r.SSE("/zero", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = 0 })
				return s.Delay(75 * time.Second)
			})
			r.SSE("/negative", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = -1 })
				return s.Delay(75 * time.Second)
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, ": heartbeat\r\n: heartbeat\r\n: heartbeat\r\n", body)
		want := []string{"0s heartbeat", "30s heartbeat", "1m0s heartbeat", "1m15s end"}
		for _, path := range []string{"/events", "/zero", "/negative"} {
			assert.Equal(t, want, timeline(t, h.get(path)), path)
		}
	})
}

func TestHeartbeatBesideEvents(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(every(time.Second, "beat"))
				for i := range 3 {
					if err := s.Delay(700 * time.Millisecond); err != nil {
						return err
					}
					if err := s.SendText(fmt.Sprint(i)); err != nil {
						return err
					}
				}
				return s.Delay(500 * time.Millisecond)
			})
		})
		assert.Equal(t, []string{"0s beat", "700ms 0", "1s beat", "1.4s 1", "2s beat", "2.1s 2", "2.6s end"},
			timeline(t, h.get("/events")), "other events do not move the beat")
	})
}

func TestSecondHeartbeatReplacesTheFirst(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(every(time.Second, "first"))
				if err := s.Delay(2500 * time.Millisecond); err != nil {
					return err
				}
				s.Heartbeat(every(2*time.Second, "second"))
				return s.Delay(5 * time.Second)
			})
		})
		assert.Equal(t, []string{"0s first", "1s first", "2s first", "2.5s second", "4.5s second", "6.5s second", "7.5s end"},
			timeline(t, h.get("/events")))
	})
}

func TestReplacedHeartbeatDoesNotEndLate(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			for path, failure := range map[string]error{"/late": nil, "/failing": errors.New("too late")} {
				r.SSE(path, func(s *sse.Session) error {
					s.Heartbeat(func(h *sse.HeartbeatConfig) {
						h.EventProvider = func(ctx context.Context) (sse.Event, error) {
							elapse(2 * time.Second)
							return sse.Event{Data: "first"}, failure
						}
					})
					if err := s.Delay(time.Second); err != nil {
						return err
					}
					s.Heartbeat(every(time.Minute, "second"))
					return s.Delay(5 * time.Second)
				})
			}
		})
		for _, path := range []string{"/late", "/failing"} {
			assert.Equal(t, []string{"1s second", "6s end"}, timeline(t, h.get(path)), path)
		}
	})
}

func TestHeartbeatEndsWithTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		provided := 0
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = time.Second
					h.EventProvider = func(ctx context.Context) (sse.Event, error) {
						assert.Equal(t, s.Context(), ctx)
						provided++
						return sse.Event{Data: fmt.Sprint(provided)}, nil
					}
				})
				if err := s.Delay(1500 * time.Millisecond); err != nil {
					return err
				}
				s.Close()
				elapse(time.Minute)
				s.Heartbeat(every(time.Second, "never"))
				elapse(time.Minute)
				return nil
			})
		})
		assert.Equal(t, []string{"0s 1", "1s 2", "2m1.5s end"}, timeline(t, h.get("/events")))
		assert.Equal(t, 2, provided)
	})
}

func TestHeartbeatThatCannotBeSentEndsTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		broken := errors.New("broken")
		provide := func(provider func() (sse.Event, error)) func(*sse.HeartbeatConfig) {
			return func(h *sse.HeartbeatConfig) {
				h.EventProvider = func(context.Context) (sse.Event, error) { return provider() }
			}
		}
		for name, test := range map[string]struct {
			configure func(*sse.HeartbeatConfig)
			want      error
			text      string
		}{
			"error":            {provide(func() (sse.Event, error) { return sse.Event{}, broken }), broken, "heartbeat: broken"},
			"panic":            {provide(func() (sse.Event, error) { panic(broken) }), broken, "heartbeat: panic: broken"},
			"invalid event":    {func(h *sse.HeartbeatConfig) { h.Event = sse.Event{Retry: -1} }, sse.ErrInvalidEvent, "heartbeat: send event: encode event: retry -1ns is negative"},
			"invalid provided": {provide(func() (sse.Event, error) { return sse.Event{ID: "\n"}, nil }), sse.ErrInvalidEvent, `heartbeat: send event: encode event: id "\n" is not printable ASCII`},
		} {
			ends := make(chan ended, 1)
			h := start(t, protocol, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					if err := s.Delay(time.Second); err != nil {
						return err
					}
					s.Heartbeat(test.configure)
					return untilItEnds(ends)(s)
				})
			})
			_, err := rest(h.get("/events"))
			assertCut(t, protocol, err)
			end := <-ends
			assert.ErrorIs(t, end.cause, test.want, name)
			assert.EqualError(t, end.cause, test.text, name)
			assert.Zero(t, end.after, name)
			assert.ErrorIs(t, end.sent, test.want, name)
			settle()
			logged := h.log.take("level=ERROR")
			require.Len(t, logged, 1, name)
			assert.Equal(t, name == "panic", len(logged[0]) > 1000, "%s: with the stack: %s", name, logged[0])
		}
	})
}

func TestSlowProviderDelaysNobodyAndIsWaitedFor(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = time.Second
					h.EventProvider = func(context.Context) (sse.Event, error) {
						elapse(3500 * time.Millisecond)
						return sse.Event{Data: "slow"}, nil
					}
				})
				for i := range 6 {
					if err := s.SendText(fmt.Sprint(i)); err != nil {
						return err
					}
					if err := s.Delay(time.Second); err != nil {
						return err
					}
				}
				return nil
			})
		})
		assert.Equal(t, []string{"0s 0", "1s 1", "2s 2", "3s 3", "3.5s slow", "4s 4", "5s 5", "8s end"}, timeline(t, h.get("/events")),
			"the period counts from the end of a beat, and the stream ends when the provider has returned")
	})
}

func TestStopWaitsForAProviderThatHeedsItsContext(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.EventProvider = func(ctx context.Context) (sse.Event, error) {
						<-ctx.Done()
						return sse.Event{}, ctx.Err()
					}
				})
				return s.Delay(time.Hour)
			})
		})
		response := h.get("/events")
		elapse(time.Second)
		assert.Zero(t, h.stop())
		_, err := rest(response)
		assert.NoError(t, err)
	})
}

func TestHeartbeatSeesADeafClient(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				began := time.Now()
				s.Heartbeat(every(time.Second, string(make([]byte, 100<<10))))
				<-s.Context().Done()
				ends <- ended{context.Cause(s.Context()), time.Since(began), nil}
				return nil
			})
		})
		h.get("/events")
		end := <-ends
		assert.Equal(t, sse.ErrWriteTimeout, end.cause)
		assert.LessOrEqual(t, end.after, 33*time.Second)
	})
}

func TestBeatsDuringAStuckSendDoNotPileUp(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		var provided atomic.Int64
		ends := make(chan error, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = 10 * time.Millisecond
					h.EventProvider = func(context.Context) (sse.Event, error) {
						provided.Add(1)
						return sse.Event{Data: "beat"}, nil
					}
				})
				err := pour(s)
				ends <- err
				return err
			})
		})
		h.get("/events")
		elapse(time.Second + time.Millisecond)
		settle()
		goroutines, beats := runtime.NumGoroutine(), provided.Load()
		elapse(8 * time.Second)
		settle()
		assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+10)
		assert.EqualValues(t, 800, provided.Load()-beats, "the beat goes on")
		assert.ErrorIs(t, <-ends, sse.ErrWriteTimeout)
	})
}

func TestBeatThatFallsDueDuringASendFollowsIt(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		large := strings.Repeat(strings.Repeat("x", 1<<10)+"\n", 200)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				if err := s.Delay(time.Second); err != nil {
					return err
				}
				time.AfterFunc(500*time.Millisecond, func() { s.Heartbeat(every(time.Second, "beat")) })
				if err := s.SendText(large); err != nil {
					return err
				}
				return s.Delay(1200 * time.Millisecond)
			})
		})
		began := time.Now()
		response := h.get("/events")
		elapse(5200 * time.Millisecond)
		line := timeline(t, response)
		require.Len(t, line, 4)
		assert.Equal(t, 5200*time.Millisecond+1200*time.Millisecond, time.Since(began))
		assert.Equal(t, []string{"0s " + large, "0s beat", "300ms beat", "1.2s end"}, line, "one, not all that fell due")
	})
}

func TestBeatThatFellDueIsNotSentAfterTheEnd(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		large := strings.Repeat(strings.Repeat("x", 1<<10)+"\n", 200)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				time.AfterFunc(time.Second, func() { s.Heartbeat(every(time.Minute, "beat")) })
				time.AfterFunc(2*time.Second, s.Close)
				return s.SendText(large)
			})
		})
		response := h.get("/events")
		elapse(3 * time.Second)
		assert.Equal(t, []string{"0s " + large, "0s end"}, timeline(t, response))
	})
}

func TestOneDeafSessionAmongHundred(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const sessions, beats = 100, 15
		ends := make(chan error, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(every(time.Second, "beat"))
				return s.Delay((beats - 1) * time.Second)
			})
			r.SSE("/deaf", func(s *sse.Session) error {
				s.Heartbeat(every(time.Second, "beat"))
				err := pour(s)
				ends <- err
				return err
			})
			r.SSE("/slow", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.EventProvider = func(ctx context.Context) (sse.Event, error) {
						<-ctx.Done()
						return sse.Event{}, ctx.Err()
					}
				})
				return s.Delay(time.Hour)
			})
		})
		h.get("/deaf")
		h.get("/slow")
		lines := make(chan []string, sessions-1)
		for range sessions - 1 {
			go func() {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test/events", nil)
				assert.NoError(t, err)
				response, err := h.client.Do(request)
				if !assert.NoError(t, err) {
					lines <- nil
					return
				}
				defer response.Body.Close()
				lines <- timeline(t, response)
			}()
		}
		var want []string
		for second := range beats - 1 {
			want = append(want, fmt.Sprint(time.Duration(second)*time.Second, " beat"))
		}
		for range sessions - 1 {
			line := <-lines
			require.GreaterOrEqual(t, len(line), beats)
			assert.Equal(t, want, line[:beats-1]) // the last beat and the end fall together
			assert.Equal(t, "14s end", line[len(line)-1])
		}
		assert.ErrorIs(t, <-ends, sse.ErrWriteTimeout)
	})
}
