package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

var errLine = errors.New("the line is broken")

// What waits when a stream ends leaves before its last event.
func TestWhatWaitsLeavesBeforeTheLastEvent(t *testing.T) {
	for how, test := range map[string]struct {
		ending func(*sse.Session) error
		want   []string
	}{
		"it says nothing":     {func(*sse.Session) error { return nil }, []string{"500µs 8 9", "500µs bye"}},
		"it says a last word": {func(s *sse.Session) error { return s.SendText("late") }, []string{"500µs 8 9 late", "500µs bye"}},
		"it says two":         {func(s *sse.Session) error { return count(s, 10, 2) }, []string{"500µs 8 9 10", "500µs 11", "500µs bye"}},
	} {
		t.Run(how, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				writes := newLedger()
				h := startWith(t, protocol, func(c *sse.Config) {
					c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Data: "bye"} }
				}, func(r *routing.Route) {
					r.Use(writes.around)
					r.SSE("/events", func(s *sse.Session) error {
						_ = count(s, 0, 10)
						<-s.Context().Done()
						return test.ending(s)
					})
				})
				response := h.get("/events")
				elapse(500 * time.Microsecond)
				assert.Zero(t, h.stop())
				_, err := rest(response)
				assert.NoError(t, err)
				assert.Equal(t, singly(test.want...), writes.noted())
			})
		})
	}
}

// A client that is cut off has got all that was accepted.
func TestWhatWaitsLeavesBeforeTheCut(t *testing.T) {
	broken := errors.New("broken")
	for name, fail := range map[string]func(*sse.Session) error{
		"error": func(*sse.Session) error { return broken },
		"panic": func(*sse.Session) error { panic(broken) },
		"abort": func(*sse.Session) error { panic(http.ErrAbortHandler) },
		"error of work": func(s *sse.Session) error {
			s.Go(func(context.Context) error { return broken })
			return s.Delay(time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				writes := newLedger()
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(writes.around)
					r.SSE("/events", func(s *sse.Session) error {
						_ = count(s, 0, 10)
						return fail(s)
					})
				})
				body, err := rest(h.get("/events"))
				assertCut(t, protocol, err)
				assert.Equal(t, 10, strings.Count(body, "data: "))
				assert.Equal(t, singly("0s 8 9"), writes.noted())
				settle()
				h.log.take("level=ERROR")
			})
		})
	}
}

func TestWhatWaitsIsDroppedWhenTheClientHasGone(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		writes := newLedger()
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(writes.around)
			r.SSE("/events", func(s *sse.Session) error {
				_ = count(s, 0, 10)
				<-s.Context().Done()
				elapse(time.Second) // the time of what waits is over meanwhile
				ends <- ended{context.Cause(s.Context()), 0, s.SendText("late")}
				return nil
			})
		})
		response := h.get("/events")
		elapse(500 * time.Microsecond)
		require.NoError(t, response.Body.Close())
		end := <-ends
		assert.ErrorIs(t, end.cause, sse.ErrClientGone)
		assert.ErrorIs(t, end.sent, sse.ErrClientGone)
		settle()
		assert.Equal(t, singly(), writes.noted())
		assert.Equal(t, int64(8), h.sessions().Stats().Events)
	})
}

// Nobody is on the way when a batch fails that the timer writes: the next Send
// says so, and the log.
func TestBatchThatFailsEndsTheSession(t *testing.T) {
	failing := func(text string) error {
		if strings.Contains(text, "data: 8") {
			return errLine
		}
		return nil
	}
	for name, test := range map[string]struct {
		serve func(*testing.T, *sse.Session) error
		want  []string
	}{
		"of the timer": {func(t *testing.T, s *sse.Session) error {
			assert.NoError(t, count(s, 0, 10))
			<-s.Context().Done()
			err := s.SendText("next")
			assert.ErrorIs(t, err, errLine)
			assert.ErrorIs(t, err, sse.ErrClientGone)
			assert.ErrorIs(t, s.Delay(0), errLine)
			return nil
		}, singly("1ms 8 9")},
		"of a Send": {func(t *testing.T, s *sse.Session) error {
			assert.NoError(t, count(s, 0, 10))
			assert.ErrorIs(t, s.SendText("large "+strings.Repeat("x", 16<<10)), errLine)
			return nil
		}, singly("0s 8 9 large")},
		"of Delay": {func(t *testing.T, s *sse.Session) error {
			assert.NoError(t, count(s, 0, 10))
			assert.ErrorIs(t, s.Delay(time.Hour), errLine)
			return nil
		}, singly("0s 8 9")},
		"when the function has returned": {func(t *testing.T, s *sse.Session) error {
			assert.NoError(t, count(s, 0, 10))
			return nil
		}, singly("0s 8 9")},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				writes := newLedger()
				writes.fault = failing
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(writes.around)
					r.SSE("/events", func(s *sse.Session) error { return test.serve(t, s) })
				})
				_, _ = rest(h.get("/events"))
				settle()
				assert.Equal(t, test.want, writes.noted())
				stats := h.sessions().Stats()
				assert.Equal(t, int64(8), stats.Events)
				assert.Equal(t, uint64(1), stats.ClientsGone)
				lines := h.log.take("the event stream ended")
				require.Len(t, lines, 1)
				assert.Contains(t, lines[0], errLine.Error())
				assert.Contains(t, lines[0], "events=8")
			})
		})
	}
}

// What hooks and middlewares have put around the body runs on the goroutine of
// the timer as well.
func TestPanicUnderTheTimerCutsTheStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		writes := newLedger()
		writes.fault = func(text string) error {
			if strings.Contains(text, "data: 8") {
				panic(errLine)
			}
			return nil
		}
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(writes.around)
			r.SSE("/events", func(s *sse.Session) error {
				_ = count(s, 0, 10)
				<-s.Context().Done()
				ends <- ended{context.Cause(s.Context()), 0, s.SendText("next")}
				return nil
			})
		})
		_, err := rest(h.get("/events"))
		assertCut(t, protocol, err)
		end := <-ends
		assert.ErrorIs(t, end.cause, errLine)
		assert.ErrorIs(t, end.sent, errLine)
		settle()
		assert.Len(t, h.log.take("level=ERROR"), 1)
	})
}

// The write deadline holds for a batch, and nobody has to send for that.
func TestBatchThatIsNotTakenEndsTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 10 * time.Second }, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				began := time.Now()
				for kilobytes(s, 10) == nil { // two of which wait each time
					elapse(time.Millisecond)
				}
				ends <- ended{context.Cause(s.Context()), time.Since(began).Round(time.Second), s.SendText("next")}
				return nil
			})
		})
		h.get("/events") // reads nothing
		end := <-ends
		assert.ErrorIs(t, end.cause, sse.ErrWriteTimeout)
		assert.ErrorIs(t, end.sent, sse.ErrWriteTimeout)
		assert.Equal(t, 10*time.Second, end.after)
	})
}

// The stream ends when nobody writes on it any more, the timer neither.
func TestEndWaitsForTheTimer(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		writes := newLedger()
		writes.fault = func(text string) error {
			if strings.Contains(text, "data: 8") {
				elapse(time.Second)
			}
			return nil
		}
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(writes.around)
			r.SSE("/events", func(s *sse.Session) error {
				_ = count(s, 0, 10)
				elapse(2 * time.Millisecond)
				return nil
			})
		})
		line := timeline(t, h.get("/events"))
		assert.Equal(t, "1.001s end", line[len(line)-1])
		assert.Equal(t, singly("1ms 8 9"), writes.noted())
		assert.Zero(t, h.sessions().Stats().Open)
	})
}

// A sender that never finds the channel empty is told of the end.
func TestFloodFromAChannelEndsWithTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan error, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				events := make(chan sse.Event, 100)
				s.Go(func(ctx context.Context) error {
					for i := 0; ; i++ {
						select {
						case events <- sse.Event{Data: fmt.Sprint(i)}:
						case <-ctx.Done():
							return nil
						}
					}
				})
				err := s.SendFrom(events)
				ends <- err
				return err
			})
		})
		response := h.get("/events")
		next := 0
		for event, err := range sse.NewReader(response.Body).All() {
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(next), event.Data)
			if next++; next == 5000 {
				for s := range h.sessions().All() {
					s.Close()
				}
			}
		}
		assert.GreaterOrEqual(t, next, 5000)
		assert.ErrorIs(t, <-ends, sse.ErrClosed)
	})
}

// Who has a session from Sessions may send at any time, also while it ends.
func TestSendFromElsewhereWhileTheStreamEnds(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return s.Delay(3 * time.Millisecond) })
		})
		response := h.get("/events")
		accepted := make(chan int, 4)
		for s := range h.sessions().All() {
			for range cap(accepted) {
				go func() {
					sent := 0
					for s.SendText("x") == nil {
						if sent++; sent%7 == 0 {
							elapse(10 * time.Microsecond)
						}
					}
					accepted <- sent
				}()
			}
		}
		body, err := rest(response)
		require.NoError(t, err)
		want := 0
		for range cap(accepted) {
			want += <-accepted
		}
		assert.Equal(t, want, strings.Count(body, "data: x\r\n\r\n"))
	})
}
