package eventsource_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

// The pauses are [base, base + spread), and the spread doubles.
func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	unavailable := refuses(http.StatusServiceUnavailable)
	for name, test := range map[string]struct {
		steps     []http.HandlerFunc
		configure func(*eventsource.Config)
		base      time.Duration
		spreads   []time.Duration
	}{
		"by default": {
			steps: repeat(6, unavailable), base: 3 * time.Second,
			spreads: []time.Duration{3e9, 6e9, 12e9, 24e9, 30e9, 30e9},
		},
		"streams that deliver nothing": {
			steps: repeat(3, answers()), base: 3 * time.Second, spreads: []time.Duration{3e9, 6e9, 12e9},
		},
		"streams that deliver": {
			steps: repeat(4, answers("data\n\n")), base: 3 * time.Second, spreads: []time.Duration{3e9, 3e9, 3e9, 3e9},
		},
		"a comment is enough": {
			steps: repeat(4, answers(":\n")), base: 3 * time.Second, spreads: []time.Duration{3e9, 3e9, 3e9, 3e9},
		},
		"time is enough": {
			steps: repeat(3, func(w http.ResponseWriter, r *http.Request) {
				answers()(w, r)
				time.Sleep(30 * time.Second)
			}),
			base: 3 * time.Second, spreads: []time.Duration{3e9, 3e9, 3e9},
		},
		"one that delivers between": {
			steps: []http.HandlerFunc{unavailable, unavailable, answers("data\n\n"), unavailable, unavailable},
			base:  3 * time.Second, spreads: []time.Duration{3e9, 6e9, 3e9, 6e9, 12e9},
		},
		"configured": {
			steps: repeat(4, unavailable), base: time.Second, spreads: []time.Duration{1e9, 2e9, 3e9, 3e9},
			configure: func(c *eventsource.Config) { c.ReconnectionTime, c.MaxBackoff = time.Second, 3*time.Second },
		},
		"without": {
			steps: repeat(2, unavailable), base: 3 * time.Second, spreads: []time.Duration{0, 0},
			configure: func(c *eventsource.Config) { c.MaxBackoff = 0 },
		},
		"negative": {
			steps: repeat(2, unavailable), base: 100 * time.Millisecond, spreads: []time.Duration{0, 0},
			configure: func(c *eventsource.Config) { c.ReconnectionTime, c.MaxBackoff = -1, -1 },
		},
		"without an end": {
			steps: repeat(60, unavailable), base: 100 * time.Millisecond,
			configure: func(c *eventsource.Config) { c.ReconnectionTime, c.MaxBackoff = 0, 24*365*time.Hour },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var log journal
				h := start(t, "HTTP/1.1", test.steps...)
				configure := test.configure
				if configure == nil {
					configure = func(*eventsource.Config) {}
				}
				_, err := collect(h.stream(configure, log.keep))
				require.NoError(t, err)
				require.Len(t, log.waits, len(test.steps))
				for i, spread := range test.spreads {
					assert.GreaterOrEqual(t, log.waits[i], test.base)
					assert.Less(t, log.waits[i], test.base+max(spread, 1))
				}
				var sum time.Duration
				for _, wait := range log.waits {
					require.Positive(t, wait)
					sum += wait
				}
				assert.GreaterOrEqual(t, h.received()[len(test.steps)].after, sum, "it waits as long as it says")
			})
		})
	}
}

// The time on top doubles from one failure to the next. Long after it has
// reached its limit, where another doubling would not fit into a Duration, it is
// as long as ever.
func TestBackoffStaysAtItsLimitHoweverOftenItFails(t *testing.T) {
	for name, limit := range map[string]time.Duration{"by default": 30 * time.Second, "a day": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var log journal
				h := start(t, "HTTP/1.1", repeat(240, refuses(http.StatusServiceUnavailable))...)
				_, err := collect(h.stream(log.keep, func(c *eventsource.Config) { c.MaxBackoff = limit }))
				require.NoError(t, err)
				require.Len(t, log.waits, 240)
				for _, late := range [][]time.Duration{log.waits[30:135], log.waits[135:]} {
					longest := slices.Max(late)
					assert.Greater(t, longest, 3*time.Second+limit*17/20, "the longest of 105 is near the limit, not at a doubling below")
					assert.Less(t, longest, 3*time.Second+limit)
				}
			})
		})
	}
}

// A pause that is longer than a Duration would be negative, and so none at all.
func TestPauseIsNeverLongerThanADuration(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		h := start(t, "HTTP/1.1", repeat(9, refuses(http.StatusServiceUnavailable))...)
		for _, err := range eventsource.Get(ctx, "http://test/", h.use, func(c *eventsource.Config) {
			c.ReconnectionTime = math.MaxInt64
			c.OnReconnect = func(_ error, wait time.Duration) {
				assert.Equal(t, time.Duration(math.MaxInt64), wait)
				cancel()
			}
		}) {
			assert.ErrorIs(t, err, context.Canceled)
		}
		assert.Len(t, h.received(), 1)
	})
}

func TestPausesDiffer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log journal
		_, err := collect(start(t, "HTTP/1.1", repeat(20, answers("data\n\n"))...).stream(log.keep))
		require.NoError(t, err)
		seen := map[time.Duration]bool{}
		for _, wait := range log.waits {
			seen[wait] = true
		}
		assert.Greater(t, len(seen), 10)
	})
}

func TestServersRetry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log journal
		h := start(t, "HTTP/1.1",
			answers("retry: 1000\n"),           // counts without the blank line
			answers("data\n\n"),                // is kept
			answers("retry: x\nretry: 0\n\n"),  // no storm
			refuses(http.StatusBadGateway),     // is kept here too
			answers("retry: 99999999999999\n"), // not for ever
			answers("retry: 9999999999999999999999\n"),
		)
		_, err := collect(h.stream(log.keep))
		require.NoError(t, err)
		var bases []time.Duration
		for _, base := range []time.Duration{time.Second, time.Second, 100 * time.Millisecond, 100 * time.Millisecond, time.Hour, time.Hour} {
			bases = append(bases, base)
			wait := log.waits[len(bases)-1]
			assert.GreaterOrEqual(t, wait, base)
			assert.Less(t, wait, base+min(2*base, 30*time.Second))
		}
		assert.Len(t, log.waits, len(bases))
	})
}

func TestServersRetryAfter(t *testing.T) {
	for name, test := range map[string]struct {
		value string
		want  time.Duration
	}{
		"seconds": {"120", 2 * time.Minute},
		// A bubble begins in 2000.
		"a date":      {time.Date(2000, 1, 1, 0, 5, 0, 0, time.UTC).Format(http.TimeFormat), 5 * time.Minute},
		"the past":    {"Sun, 06 Nov 1994 08:49:37 GMT", 3 * time.Second},
		"too short":   {"1", 3 * time.Second},
		"for ever":    {"99999999999999999999", time.Hour},
		"what is not": {"soon", 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var log journal
				h := start(t, "HTTP/1.1",
					refuses(http.StatusTooManyRequests, "Retry-After", test.value), answers("data\n\n"))
				_, err := collect(h.stream(log.keep))
				require.NoError(t, err)
				require.Len(t, log.waits, 2)
				assert.GreaterOrEqual(t, log.waits[0], test.want)
				assert.Less(t, log.waits[0], test.want+3*time.Second)
				assert.Less(t, log.waits[1], 6*time.Second, "it is for once")
			})
		})
	}
}

func TestStatuses(t *testing.T) {
	retried := map[int]bool{408: true, 429: true, 500: true, 502: true, 503: true, 504: true, 529: true}
	overEach(t, func(t *testing.T, protocol string) {
		for status := 200; status < 600; status++ {
			h := start(t, protocol, refuses(status), answers("data: again\n\n"))
			var log journal
			events, err := collect(h.stream(log.keep))
			var response *eventsource.ResponseError
			switch {
			case status == http.StatusNoContent:
				assert.NoError(t, err)
				assert.Empty(t, log.errors)
			case retried[status]:
				assert.NoError(t, err)
				assert.Equal(t, []string{"again"}, data(events))
				require.ErrorAs(t, log.errors[0], &response)
				assert.Equal(t, status, response.StatusCode)
			default:
				require.ErrorAs(t, err, &response)
				assert.Equal(t, status, response.StatusCode)
				assert.Empty(t, log.errors)
			}
		}
	})
}

func TestAttemptsAreCounted(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		broken := refuses(http.StatusInternalServerError)
		for name, test := range map[string]struct {
			limit    int
			steps    []http.HandlerFunc
			requests int
			want     string
		}{
			"none":                         {0, []http.HandlerFunc{broken}, 1, "open event stream: expected status 200 but was 500"},
			"none after a clean end":       {0, []http.HandlerFunc{answers("data\n\n")}, 1, ""},
			"two":                          {2, repeat(5, broken), 3, "open event stream: expected status 200 but was 500"},
			"two that deliver nothing":     {2, repeat(5, answers()), 3, ""},
			"two between those that do":    {2, []http.HandlerFunc{broken, broken, answers("data\n\n"), broken, broken, broken}, 5, "open event stream: expected status 200 but was 500"},
			"one, and all of them deliver": {1, repeat(9, answers("data\n\n")), 10, ""},
		} {
			h := start(t, protocol, test.steps...)
			_, err := collect(h.stream(attempts(test.limit)))
			if test.want == "" {
				assert.NoError(t, err, name)
			} else {
				assert.EqualError(t, err, test.want, name)
			}
			assert.Len(t, h.received(), test.requests, name)
		}
	})
}

func TestBrokenConnections(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, breaks("id: 1\ndata: a\n\nid: 2\ndata: half"), answers("data: b\n\n"))
		var log journal
		events, err := collect(h.stream(log.keep))
		assert.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, data(events))
		assert.Equal(t, "1", h.received()[1].Header.Get("Last-Event-ID"))
		require.Len(t, log.errors, 2)
		assert.ErrorContains(t, log.errors[0], "read event stream: ")
		assert.NoError(t, log.errors[1])

		h = start(t, protocol, breaks("data: a\n\n"))
		_, err = collect(h.stream(attempts(0)))
		if protocol == "HTTP/1.1" {
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}
		assert.ErrorContains(t, err, "read event stream: ")
	})
}

var errRefused = errors.New("connection refused")

// A server that is not there is waited for.
func TestServerComesLate(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data: at last\n\n"))
		transport := h.client.Transport
		h.client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if time.Since(h.began) < time.Minute {
				return nil, errRefused
			}
			return transport.RoundTrip(r)
		})
		var log journal
		events, err := collect(h.stream(log.keep))
		assert.NoError(t, err)
		assert.Equal(t, []string{"at last"}, data(events))
		assert.ErrorIs(t, log.errors[0], errRefused)
		assert.EqualError(t, log.errors[0], `open event stream: Get "http://test/events": connection refused`)
	})
}

func TestContextEndsInAHook(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", answers("data\n\n"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var failure error
		for _, err := range eventsource.Get(ctx, "http://test/", h.use, func(c *eventsource.Config) {
			c.OnReconnect = func(error, time.Duration) { cancel() }
		}) {
			failure = err
		}
		assert.ErrorIs(t, failure, context.Canceled)
		assert.Len(t, h.received(), 1)
	})
}
