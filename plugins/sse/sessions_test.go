package sse_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestSessionsAreListedAndClosed(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 3)
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		began := time.Now()
		first := h.get("/events?1")
		settle()
		second := h.get("/events?2")
		settle()
		third := h.get("/events?3")
		settle()
		open := slices.Collect(h.sessions().All())
		require.Len(t, open, 3)
		for i, s := range open {
			assert.Equal(t, uint64(3-i), s.ID(), "the last one first")
			assert.Equal(t, began, s.Opened())
			events, bytes := s.Sent()
			assert.Equal(t, []int64{1, int64(len("data: hello\r\n\r\n"))}, []int64{events, bytes})
		}
		assert.Equal(t, "2", open[1].Call().Request.URL.RawQuery)

		open[1].Close()
		_, err := rest(second)
		assert.NoError(t, err)
		assert.Equal(t, sse.ErrClosed, (<-ends).cause)
		settle()
		assert.Len(t, slices.Collect(h.sessions().All()), 2)

		h.sessions().CloseAll()
		for _, response := range []*http.Response{first, third} {
			_, err := rest(response)
			assert.NoError(t, err)
			assert.Equal(t, sse.ErrClosed, (<-ends).cause)
		}
		settle()
		assert.Empty(t, slices.Collect(h.sessions().All()))
		h.get("/events")
		settle()
		assert.Len(t, slices.Collect(h.sessions().All()), 1, "new ones may come")
	})
}

func TestStatsCountEachEnding(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 2)
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = time.Second }, func(r *routing.Route) {
			r.SSE("/served", func(s *sse.Session) error { return s.SendText("hello") })
			r.SSE("/closed", func(s *sse.Session) error { s.Close(); return nil })
			r.SSE("/failed", func(s *sse.Session) error {
				_ = s.Delay(0)
				panic(http.ErrAbortHandler)
			})
			r.SSE("/refused", func(*sse.Session) error { return app.NewError(http.StatusNotFound, "no such room") })
			r.SSE("/stuck", stuck(ends))
			r.SSE("/open", untilItEnds(ends))
		})
		for _, path := range []string{"/served", "/served", "/closed", "/failed", "/refused"} {
			_, _ = rest(h.get(path))
		}
		left := h.get("/open")
		settle()
		require.NoError(t, left.Body.Close())
		<-ends
		h.get("/open")
		settle()
		assert.Equal(t, sse.Stats{
			Open: 1, Opened: 7, Refused: 1, Events: 4, Bytes: 4 * int64(len("data: hello\r\n\r\n")), Served: 2, Closed: 1, Failed: 1, ClientsGone: 1,
		}, h.sessions().Stats())
		h.get("/stuck")
		<-ends
		settle()
		assert.Zero(t, h.stop())
		stats := h.sessions().Stats()
		assert.Equal(t, uint64(1), stats.WriteTimeouts)
		assert.Equal(t, uint64(1), stats.Stopped)
		assert.Zero(t, stats.Open)
		assert.Equal(t, uint64(8), stats.Opened)
	})
}

func TestMaxSessionsRefusesTheNextOne(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 3)
		h := startWith(t, protocol, func(c *sse.Config) {
			c.MaxSessions = 2
			c.RetryAfter = 1500 * time.Millisecond
		}, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		first := h.get("/events")
		h.get("/events")
		refused := h.get("/events")
		assert.Equal(t, http.StatusServiceUnavailable, refused.StatusCode)
		assert.Equal(t, "2", refused.Header.Get("Retry-After"), "rounded up")
		assert.Empty(t, refused.Header.Get("Cache-Control"))
		body, err := io.ReadAll(refused.Body)
		require.NoError(t, err)
		assert.Equal(t, "too many event streams are open", string(body))
		settle()
		assert.Len(t, h.log.take("level=WARN"), 1, "it is said")
		assert.Equal(t, http.StatusServiceUnavailable, h.get("/events").StatusCode)
		settle()
		assert.Empty(t, h.log.take("level=WARN"), "but not each time")
		time.Sleep(time.Minute)
		assert.Equal(t, http.StatusServiceUnavailable, h.get("/events").StatusCode)
		settle()
		assert.Len(t, h.log.take("level=WARN"), 1, "it is said again a minute later")

		require.NoError(t, first.Body.Close())
		<-ends
		settle()
		assert.Equal(t, http.StatusOK, h.get("/events").StatusCode, "there is room again")
		assert.Equal(t, uint64(3), h.sessions().Stats().Full)
	})
}

func TestMaxSessionsPerKeyRefusesTheNextOneOfAKey(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 9)
		h := startWith(t, protocol, func(c *sse.Config) {
			c.MaxSessionsPerKey = 1
			c.RetryAfter = 0
			c.Key = func(c *app.Call) string { return c.Request.Header.Get("User") }
		}, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		status := func(user string) int { return h.get("/events", "User", user).StatusCode }
		ann := h.get("/events", "User", "ann")
		refused := h.get("/events", "User", "ann")
		assert.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
		assert.NotContains(t, refused.Header, "Retry-After")
		assert.Equal(t, http.StatusOK, status("bob"))
		assert.Equal(t, http.StatusOK, status(""))
		assert.Equal(t, http.StatusOK, status(""), "an empty key is not limited")
		require.NoError(t, ann.Body.Close())
		<-ends
		settle()
		assert.Equal(t, http.StatusOK, status("ann"))
		assert.Equal(t, uint64(1), h.sessions().Stats().FullForKey)
	})
}

func TestOneThatLeavesMakesRoomForOneOfItsKey(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 9)
		h := startWith(t, protocol, func(c *sse.Config) {
			c.MaxSessionsPerKey = 2
			c.Key = func(c *app.Call) string { return c.Request.Header.Get("User") }
		}, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		status := func() int { return h.get("/events", "User", "ann").StatusCode }
		first := h.get("/events", "User", "ann")
		assert.Equal(t, http.StatusOK, status())
		require.NoError(t, first.Body.Close())
		<-ends
		settle()
		assert.Equal(t, http.StatusOK, status())
		assert.Equal(t, http.StatusTooManyRequests, status(), "the one that stayed still counts")
	})
}

func TestKeysOfThoseWhoHaveLeftAreForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const keys, size = 32, 1 << 20
		h := startWith(t, "HTTP/1.1", func(c *sse.Config) {
			c.MaxSessionsPerKey = 1
			c.Key = func(c *app.Call) string { return strings.Repeat("x", size) + c.Request.URL.RawQuery }
		}, func(r *routing.Route) { r.SSE("/events", greet) })
		before := heap()
		for i := range keys {
			h.text(http.MethodGet, fmt.Sprint("/events?", i))
		}
		settle()
		assert.Less(t, heap(), before+keys*size/2)
	})
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func TestRetryAfterIsRoundedUpToWholeSeconds(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		1:               "1",
		time.Second - 1: "1",
		time.Second:     "1",
		time.Second + 1: "2",
	} {
		t.Run(wait.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h := startWith(t, "HTTP/1.1", func(c *sse.Config) { c.MaxSessions, c.RetryAfter = 1, wait },
					func(r *routing.Route) { r.SSE("/events", func(s *sse.Session) error { return s.Delay(time.Hour) }) })
				h.get("/events")
				assert.Equal(t, want, h.get("/events").Header.Get("Retry-After"))
			})
		})
	}
}

func TestKeyIsTheClientsNetworkByDefault(t *testing.T) {
	for name, test := range map[string]struct {
		first, second string
		status        int
	}{
		"same address":         {"192.0.2.1:1", "192.0.2.1:2", http.StatusTooManyRequests},
		"other address":        {"192.0.2.1:1", "192.0.2.2:1", http.StatusOK},
		"same IPv6 network":    {"[2001:db8::1]:1", "[2001:db8::2]:1", http.StatusTooManyRequests},
		"other IPv6 network":   {"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", http.StatusOK},
		"first bit of a host":  {"[2001:db8::1]:1", "[2001:db8:0:0:8000::1]:1", http.StatusTooManyRequests},
		"IPv4 in IPv6":         {"[::ffff:192.0.2.1]:1", "192.0.2.1:1", http.StatusTooManyRequests},
		"IPv4 in IPv6, others": {"[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", http.StatusOK},
		"with a zone":          {"[fe80::1%eth0]:1", "[fe80::1%eth0]:2", http.StatusTooManyRequests},
		"a Unix socket":        {"@", "@", http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var address string
				h := startModule(t, "HTTP/1.1", func(a *app.Application) {
					a.Install(sse.Plugin.With(func(c *sse.Config) { c.MaxSessionsPerKey = 1 }))
					routing.Routes(a, func(r *routing.Route) {
						r.Use(func(next http.Handler) http.Handler {
							return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
								r.RemoteAddr = address
								next.ServeHTTP(w, r)
							})
						})
						r.SSE("/events", func(s *sse.Session) error { return s.Delay(time.Hour) })
					})
				})
				address = test.first
				assert.Equal(t, http.StatusOK, h.get("/events").StatusCode)
				address = test.second
				assert.Equal(t, test.status, h.get("/events").StatusCode)
			})
		})
	}
}

func TestHEADTakesNoSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) { c.MaxSessions = 1 },
			func(r *routing.Route) { r.SSE("/events", func(s *sse.Session) error { return s.Delay(time.Hour) }) })
		for range 3 {
			response := h.open(http.MethodHead, "/events", nil)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			settle()
		}
		assert.Equal(t, sse.Stats{}, h.sessions().Stats())
		assert.Equal(t, http.StatusOK, h.get("/events").StatusCode)
	})
}
