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

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// count sends the numbers from first on.
func count(s *sse.Session, first, number int) error {
	for i := range number {
		if err := s.SendText(fmt.Sprint(first + i)); err != nil {
			return err
		}
	}
	return nil
}

// kilobytes sends events of 1,010 bytes, numbered from 0.
func kilobytes(s *sse.Session, number int) error {
	for i := range number {
		if err := s.SendText(fmt.Sprintf("%02d %s", i, strings.Repeat("x", 1010-len("data: 00 \r\n\r\n")))); err != nil {
			return err
		}
	}
	return nil
}

// numbers returns a channel in which the numbers from 0 lie.
func numbers(number int) chan sse.Event {
	events := make(chan sse.Event, number)
	for i := range number {
		events <- sse.Event{Data: fmt.Sprint(i)}
	}
	return events
}

// singly are the lines of a ledger for the first eight events.
func singly(rest ...string) []string {
	var lines []string
	for i := range 8 {
		lines = append(lines, fmt.Sprint("0s ", i))
	}
	return append(lines, rest...)
}

// words are the numbers from first to last.
func words(first, last int) string {
	var words []string
	for i := first; i <= last; i++ {
		words = append(words, fmt.Sprint(i))
	}
	return " " + strings.Join(words, " ")
}

func TestWhenEventsLeave(t *testing.T) {
	hang := func(s *sse.Session) error {
		elapse(time.Second)
		return nil
	}
	for name, test := range map[string]struct {
		serve func(*sse.Session) error
		want  []string
	}{
		"eight at once, what follows a millisecond later": {func(s *sse.Session) error {
			return errors.Join(count(s, 0, 20), hang(s))
		}, singly("1ms" + words(8, 19))},
		"what waits waits for a millisecond in all": {func(s *sse.Session) error {
			_ = count(s, 0, 9)
			for i := range 15 {
				elapse(90 * time.Microsecond)
				_ = count(s, 9+i, 1)
			}
			return hang(s)
		}, singly("1ms"+words(8, 19), "2.08ms"+words(20, 23))},
		"sixteen KiB at once": {func(s *sse.Session) error {
			return errors.Join(kilobytes(s, 40), hang(s))
		}, []string{
			"0s 00", "0s 01", "0s 02", "0s 03", "0s 04", "0s 05", "0s 06", "0s 07",
			"0s 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24", "1ms 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39",
		}},
		"a large event takes with it what waits": {func(s *sse.Session) error {
			return errors.Join(count(s, 0, 10), s.SendText("large "+strings.Repeat("x", 100<<10)), count(s, 11, 1), hang(s))
		}, singly("0s 8 9 large", "1ms 11")},
		"before Delay": {func(s *sse.Session) error {
			return errors.Join(count(s, 0, 10), s.Delay(0), count(s, 10, 2), s.Delay(time.Second))
		}, singly("0s 8 9", "0s 10 11")},
		"at the end of the function": {func(s *sse.Session) error { return count(s, 0, 10) }, singly("0s 8 9")},
		"at the end of work": {func(s *sse.Session) error {
			s.Go(func(context.Context) error {
				elapse(500 * time.Microsecond)
				return count(s, 10, 1)
			})
			return count(s, 0, 10)
		}, singly("500µs 8 9 10")},
		"after a millisecond of silence eight again": {func(s *sse.Session) error {
			_ = count(s, 0, 8)
			elapse(time.Millisecond)
			return errors.Join(count(s, 0, 10), hang(s))
		}, append(singly(), "1ms 0", "1ms 1", "1ms 2", "1ms 3", "1ms 4", "1ms 5", "1ms 6", "1ms 7", "2ms 8 9")},
		"after an eighth of it one": {func(s *sse.Session) error {
			_ = count(s, 0, 8)
			elapse(125 * time.Microsecond)
			return errors.Join(count(s, 8, 3), hang(s))
		}, singly("125µs 8", "1.125ms 9 10")},
		"after less than that none": {func(s *sse.Session) error {
			_ = count(s, 0, 8)
			for i := range 3 {
				elapse(124 * time.Microsecond)
				_ = count(s, 8+i, 1)
			}
			return hang(s)
		}, singly("1.124ms 8 9 10")},
		"an event that need not wait takes with it what waits": {func(s *sse.Session) error {
			_ = count(s, 0, 10)
			elapse(500 * time.Microsecond)
			return errors.Join(count(s, 10, 4), hang(s))
		}, singly("500µs 8 9 10", "500µs 11", "500µs 12", "500µs 13")},
		"comments as other events": {func(s *sse.Session) error {
			return errors.Join(count(s, 0, 9), s.Comment("c"), hang(s))
		}, singly("1ms 8 c")},
		"with a beat": {func(s *sse.Session) error {
			s.Heartbeat(every(600*time.Microsecond, "beat"))
			_ = count(s, 0, 10)
			elapse(time.Millisecond)
			return nil
		}, append([]string{"0s beat"}, singly("600µs 8 9 beat")...)},
		"all that lies in a channel at once": {func(s *sse.Session) error {
			events := numbers(20)
			close(events)
			return s.SendFrom(events)
		}, []string{"0s" + words(0, 19)}},
		"a channel that is filled one by one": {func(s *sse.Session) error {
			events := make(chan sse.Event)
			s.Go(func(context.Context) error {
				defer close(events)
				for i := range 12 {
					events <- sse.Event{Data: fmt.Sprint(i)}
					settle()
				}
				elapse(time.Second)
				return nil
			})
			return s.SendFrom(events)
		}, singly("1ms" + words(8, 11))},
		"a sequence that takes its time": {func(s *sse.Session) error {
			return s.SendAll(func(yield func(sse.Event, error) bool) {
				for i := range 12 {
					yield(sse.Event{Data: fmt.Sprint(i)}, nil)
				}
				elapse(time.Second)
				yield(sse.Event{Data: "12"}, nil)
			})
		}, singly("1ms"+words(8, 11), "1s 12")},
		"after Close from elsewhere": {func(s *sse.Session) error {
			_ = count(s, 0, 10)
			s.Close()
			return hang(s)
		}, singly("1ms 8 9")},
		"a bad event is refused alone": {func(s *sse.Session) error {
			_ = count(s, 0, 9)
			assert.ErrorIs(t, s.Send(sse.Event{Retry: -1}), sse.ErrInvalidEvent)
			return errors.Join(count(s, 9, 1), hang(s))
		}, singly("1ms 8 9")},
		"what lay in a channel before a bad event": {func(s *sse.Session) error {
			events := numbers(5)
			<-events
			events <- sse.Event{Retry: -1}
			assert.ErrorIs(t, s.SendFrom(events), sse.ErrInvalidEvent)
			events <- sse.Event{Data: "5"}
			events <- sse.Event{Retry: -1}
			assert.ErrorIs(t, s.SendFrom(events), sse.ErrInvalidEvent)
			events <- sse.Event{Retry: -1}
			assert.ErrorIs(t, s.SendFrom(events), sse.ErrInvalidEvent)
			return nil
		}, []string{"0s 1 2 3 4", "0s 5"}},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				writes := newLedger()
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(writes.around)
					r.SSE("/events", test.serve)
				})
				_, err := rest(h.get("/events"))
				assert.NoError(t, err)
				assert.Equal(t, test.want, writes.noted())
			})
		})
	}
}

// No time has to pass for the first eight, also where nobody looks at the clock.
func TestEightEventsArriveAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				_ = count(s, 0, 8)
				<-s.Context().Done()
				return nil
			})
		})
		body := h.get("/events").Body
		settle()
		began := time.Now()
		text := make([]byte, 8*len("data: 0\r\n\r\n"))
		_, err := io.ReadFull(body, text)
		require.NoError(t, err)
		assert.Zero(t, time.Since(began))
	})
}

// A sender that answers somebody, and one that sends now and then, never waits.
func TestSendersWithPausesNeverWait(t *testing.T) {
	for name, test := range map[string]struct {
		pause  time.Duration
		events int
	}{
		"an event every eighth of a millisecond": {125 * time.Microsecond, 1},
		"two every quarter":                      {250 * time.Microsecond, 2},
		"two every 5 ms":                         {5 * time.Millisecond, 2},
		"eight every millisecond":                {time.Millisecond, 8},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				writes := newLedger()
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(writes.around)
					r.SSE("/events", func(s *sse.Session) error {
						for range 50 {
							_ = count(s, 0, test.events)
							elapse(test.pause)
						}
						return nil
					})
				})
				h.text(http.MethodGet, "/events")
				var want []string
				for round := range 50 {
					for i := range test.events {
						want = append(want, fmt.Sprint(time.Duration(round)*test.pause, " ", i))
					}
				}
				assert.Equal(t, want, writes.noted())
			})
		})
	}
}

func TestSentCountsWhatHasLeft(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				_ = count(s, 0, 10)
				events, bytes := s.Sent()
				assert.Equal(t, []int64{8, 88}, []int64{events, bytes})
				elapse(time.Millisecond)
				settle()
				events, bytes = s.Sent()
				assert.Equal(t, []int64{10, 110}, []int64{events, bytes})
				return count(s, 0, 1)
			})
		})
		h.text(http.MethodGet, "/events")
		settle()
		stats := h.sessions().Stats()
		assert.Equal(t, []int64{11, 121}, []int64{stats.Events, stats.Bytes})
	})
}
