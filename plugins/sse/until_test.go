package sse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// farewell is a last event that says why.
func farewell(c *sse.Config) {
	c.LastEvent = func(_ *sse.Session, cause error) sse.Event { return sse.Event{Event: "end", Data: cause.Error()} }
}

const expired = "event: end\r\ndata: event stream has expired\r\n\r\n"

// TestUntil: whichever is earlier, the maximum age or the end of what the client
// was let in by, ends a stream, one that has joined a hub as well.
func TestUntil(t *testing.T) {
	for name, test := range map[string]struct {
		age   time.Duration
		until func(*app.Call) (time.Time, bool)
		cause error
		after time.Duration // less a fifth at most for the age
	}{
		"alone":             {0, in(time.Minute), sse.ErrExpired, time.Minute},
		"earlier":           {2 * time.Minute, in(time.Minute), sse.ErrExpired, time.Minute},
		"later":             {time.Minute, in(2 * time.Minute), sse.ErrTooOld, time.Minute},
		"never":             {time.Minute, never, sse.ErrTooOld, time.Minute},
		"a distant future":  {time.Minute, in(1<<63 - 1), sse.ErrTooOld, time.Minute},
		"a year of its own": {time.Minute, at(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), sse.ErrTooOld, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				var hub *sse.Hub
				h := startModule(t, protocol, func(a *app.Application) {
					a.Install(sse.Plugin.With(func(c *sse.Config) { c.MaxAge, c.Until = test.age, test.until; farewell(c) }))
					hub = sse.NewHub(a, func(c *sse.HubConfig) { c.Replay = false })
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/served", func(s *sse.Session) error { return s.Delay(time.Hour) })
						r.SSE("/joined", func(s *sse.Session) error { return hub.Join(s, "news") })
						r.SSE("/working", func(s *sse.Session) error {
							s.Go(func(ctx context.Context) error { <-ctx.Done(); return nil })
							return nil
						})
					})
				})
				for _, path := range []string{"/served", "/joined", "/working"} {
					began := time.Now()
					body, err := rest(h.get(path))
					assert.NoError(t, err)
					assert.Equal(t, "event: end\r\ndata: "+test.cause.Error()+"\r\n\r\n", body)
					assert.LessOrEqual(t, time.Since(began), test.after, path)
					assert.GreaterOrEqual(t, time.Since(began), test.after-test.after/5, path)
					if errors.Is(test.cause, sse.ErrExpired) {
						assert.Equal(t, test.after, time.Since(began), path)
					}
				}
				settle()
				stats := h.sessions().Stats()
				assert.Equal(t, []uint64{3, 0}, sortedDown(stats.Expired, stats.TooOld))
			})
		})
	}
}

func in(d time.Duration) func(*app.Call) (time.Time, bool) {
	return func(*app.Call) (time.Time, bool) { return time.Now().Add(d), true }
}

func at(end time.Time) func(*app.Call) (time.Time, bool) {
	return func(*app.Call) (time.Time, bool) { return end, true }
}

func never(*app.Call) (time.Time, bool) { return time.Time{}, false }

func sortedDown(a, b uint64) []uint64 { return []uint64{max(a, b), min(a, b)} }

// TestUntilThatHasPassed: a token that the server accepts a little longer than
// it says has no stream, and its client is told.
func TestUntilThatHasPassed(t *testing.T) {
	for name, until := range map[string]func(*app.Call) (time.Time, bool){
		"just now":   in(0),
		"before":     in(-time.Hour),
		"no time":    at(time.Time{}),
		"by the day": at(time.Unix(0, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) {
					c.Until = until
					c.Heartbeat()
					farewell(c)
				}, func(r *routing.Route) { r.SSE("/events", unreachable(t)) })
				response := h.get("/events")
				assert.Equal(t, http.StatusOK, response.StatusCode)
				body, err := rest(response)
				assert.NoError(t, err)
				assert.Contains(t, body, expired)
				settle()
				assert.Equal(t, uint64(1), h.sessions().Stats().Expired)
				assert.Len(t, h.log.take(`cause="event stream has expired"`), 1)
			})
		})
	}
}

// TestUntilIsAsked: once, of a session that can be found, and not for what is no
// session.
func TestUntilIsAsked(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		asked := 0
		var h *host
		h = startWith(t, protocol, func(c *sse.Config) {
			c.MaxSessions = 1
			c.Until = func(c *app.Call) (time.Time, bool) {
				asked++
				for s := range h.sessions().All() {
					if s.Call() == c && c.QueryParam("user") == "ann" {
						s.End(errLoggedOut)
					}
				}
				return time.Time{}, false
			}
			farewell(c)
		}, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return s.SendText("hello") })
			r.SSE("/wait", func(s *sse.Session) error { return s.Delay(time.Hour) })
		})
		body, err := rest(h.get("/wait?user=ann"))
		assert.NoError(t, err)
		assert.Equal(t, "event: end\r\ndata: the user has logged out\r\n\r\n", body)
		assert.Equal(t, 1, asked)
		body, _ = rest(h.get("/events"))
		assert.Equal(t, "data: hello\r\n\r\n", body)
		assert.Equal(t, 2, asked)
		h.open(http.MethodHead, "/events", nil)
		settle()
		h.get("/wait")
		settle()
		assert.Equal(t, http.StatusServiceUnavailable, h.get("/events").StatusCode)
		assert.Equal(t, 3, asked)
	})
}

// TestUntilThatFails is a failure of the stream before its head.
func TestUntilThatFails(t *testing.T) {
	for name, fail := range map[string]func(){
		"a panic":            func() { panic("no clock") },
		"the goroutine ends": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) {
					c.Until = func(*app.Call) (time.Time, bool) { fail(); return time.Time{}, false }
				}, func(r *routing.Route) { r.SSE("/events", unreachable(t)) })
				response := h.get("/events")
				assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
				_, _ = rest(response)
				settle()
				assert.Zero(t, h.sessions().Stats().Open)
				assert.NotEmpty(t, h.log.take("level=ERROR"))
			})
		})
	}
}

// TestEnd has what becomes of causes, whatever they wrap.
func TestEnd(t *testing.T) {
	for name, test := range map[string]struct {
		cause error
		want  string
		is    error
	}{
		"one's own":          {errLoggedOut, "the user has logged out", errLoggedOut},
		"that wraps another": {fmt.Errorf("user 7: %w", errLoggedOut), "user 7: the user has logged out", errLoggedOut},
		"nil":                {nil, "event stream is closed", sse.ErrClosed},
		"one of a cut":       {sse.ErrLagged, "client did not keep up", sse.ErrLagged},
		"one of the client":  {sse.ErrClientGone, "client has gone", sse.ErrClientGone},
		"of a panic":         {http.ErrAbortHandler, "net/http: abort Handler", http.ErrAbortHandler},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				ends := make(chan ended, 1)
				h := startWith(t, protocol, farewell, func(r *routing.Route) { r.SSE("/events", begun(untilItEnds(ends))) })
				response := h.get("/events")
				elapse(time.Minute)
				endAll(test.cause)(h)
				endAll(errTooDear)(h) // the first one counts
				body, err := rest(response)
				assert.NoError(t, err)
				assert.Equal(t, "data: hello\r\n\r\ndata: late\r\n\r\nevent: end\r\ndata: "+test.want+"\r\n\r\n", body)
				end := <-ends
				assert.ErrorIs(t, end.cause, test.is)
				assert.EqualError(t, end.cause, test.want)
				assert.Equal(t, time.Minute, end.after)
				settle()
				assert.Equal(t, sse.Stats{Opened: 1, Events: 3, Bytes: h.sessions().Stats().Bytes, Ended: 1}, h.sessions().Stats())
			})
		})
	}
}

// An error whose methods panic is a mistake that the client does not notice.
func TestEndByABrokenError(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, farewell, func(r *routing.Route) {
			r.SSE("/events", begun(func(s *sse.Session) error { return s.Delay(time.Hour) }))
		})
		response := h.get("/events")
		settle()
		endAll((*nilError)(nil))(h)
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Contains(t, body, "nil *sse_test.nilError")
		settle()
		assert.Len(t, h.log.take("level=ERROR"), 1)
	})
}

// nilError is an error whose methods do not stand a nil pointer.
type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// TestEndOfOneUser: nothing is delivered to who has logged out, and no other
// session notices.
func TestEndOfOneUser(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		userKey := app.NewKey[string]("user")
		var hub *sse.Hub
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin.With(farewell))
			hub = sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/events", func(c *app.Call) error {
					userKey.Set(c, c.QueryParam("user"))
					return sse.Respond(c, func(s *sse.Session) error { return hub.Join(s, "news") })
				})
			})
		})
		ann, bob, annToo := h.get("/events?user=ann"), h.get("/events?user=bob"), h.get("/events?user=ann")
		settle()
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "one"}))
		settle()
		for s := range h.sessions().All() {
			if user, _ := userKey.Get(s.Call()); user == "ann" {
				s.End(errLoggedOut)
			}
		}
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "two"}))
		for _, response := range []*http.Response{ann, annToo} {
			assert.Equal(t, time.Duration(0), took(func() {
				body, err := io.ReadAll(response.Body)
				assert.NoError(t, err)
				assert.Contains(t, string(body), "data: one\r\n")
				assert.NotContains(t, string(body), "data: two\r\n")
				assert.Contains(t, string(body), "event: end\r\ndata: the user has logged out\r\n\r\n")
			}))
		}
		assert.Equal(t, "two", ssetest.Take(t, bob.Body, 2)[1].Data)
		settle()
		assert.Equal(t, 1, h.sessions().Stats().Open)
	})
}

// took returns how long a function takes.
func took(run func()) time.Duration {
	began := time.Now()
	run()
	return time.Since(began)
}
