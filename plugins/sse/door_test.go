package sse_test

import (
	"context"
	"errors"
	"fmt"
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

// patience is how long the head waits for the function.
const patience = 100 * time.Millisecond

var errNoRoom = app.NewError(http.StatusNotFound, "there is no such room")

func TestFailureBeforeTheHeadIsAnAnswer(t *testing.T) {
	tests := map[string]struct {
		serve  func(*sse.Session) error
		status int
		body   string
		logged int // lines at level error
	}{
		"an error with a status": {func(*sse.Session) error { return errNoRoom }, http.StatusNotFound, "there is no such room", 0},
		"a wrapped one":          {func(*sse.Session) error { return fmt.Errorf("find room: %w", errNoRoom) }, http.StatusNotFound, "there is no such room", 0},
		"any other error":        {func(*sse.Session) error { return errors.New("secret") }, http.StatusInternalServerError, "Internal Server Error", 1},
		"a panic":                {func(*sse.Session) error { panic("secret") }, http.StatusInternalServerError, "Internal Server Error", 1},
		"an error of other work": {func(s *sse.Session) error {
			s.Go(func(context.Context) error { return errNoRoom })
			return nil
		}, http.StatusNotFound, "there is no such room", 0},
		"what was asked before": {func(s *sse.Session) error {
			_ = s.LastEventID() + s.Call().PathParam("id")
			select {
			case <-s.Context().Done():
				return nil
			case <-time.After(patience - 1):
				return errNoRoom
			}
		}, http.StatusNotFound, "there is no such room", 0},
		"an error of a sequence before its first event": {func(s *sse.Session) error {
			return s.SendAll(func(yield func(sse.Event, error) bool) { yield(sse.Event{}, errNoRoom) })
		}, http.StatusNotFound, "there is no such room", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				var marked, status []any
				h := startWith(t, protocol, func(c *sse.Config) { c.Heartbeat() }, func(r *routing.Route) {
					r.Use(func(next http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							noted := &statusNote{ResponseWriter: w}
							next.ServeHTTP(noted, r)
							status = append(status, noted.status)
						})
					})
					r.SSE("/rooms/{id}", test.serve)
					r.Get("/answer/{id}", func(c *app.Call) error {
						err := sse.Respond(c, test.serve)
						marked = append(marked, sse.IsEventStream(c))
						return err
					})
				})
				for _, path := range []string{"/rooms/1", "/answer/1"} {
					response := h.get(path)
					body, err := rest(response)
					assert.NoError(t, err)
					assert.Equal(t, test.status, response.StatusCode)
					assert.Equal(t, test.body, body)
					assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
					assert.Empty(t, response.Header.Get("Cache-Control"))
					settle()
					assert.Len(t, h.log.take("level=ERROR"), test.logged)
				}
				assert.Equal(t, []any{false}, marked, "other plugins see no stream")
				assert.Equal(t, []any{test.status, test.status}, status, "middlewares see the status")
				assert.Equal(t, sse.Stats{Opened: 2, Refused: 2}, h.sessions().Stats())
			})
		})
	}
}

// statusNote is the writer of a logger between.
type statusNote struct {
	http.ResponseWriter
	status int
}

func (w *statusNote) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusNote) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestHeadLeavesWithTheFirstThingTheFunctionDoes(t *testing.T) {
	closed := make(chan sse.Event)
	close(closed)
	tests := map[string]struct {
		act   func(*sse.Session)
		after time.Duration
		body  string
	}{
		"an event":             {func(s *sse.Session) { _ = s.SendText("hello") }, 0, "data: hello\r\n\r\n"},
		"a comment":            {func(s *sse.Session) { _ = s.Comment("hello") }, 0, ": hello\r\n\r\n"},
		"a wait":               {func(s *sse.Session) { _ = s.Delay(0) }, 0, ""},
		"a channel":            {func(s *sse.Session) { _ = s.SendFrom(closed) }, 0, ""},
		"a beat":               {func(s *sse.Session) { s.Heartbeat(beatOf("beat")) }, 0, "data: beat\r\n\r\n"},
		"nothing for too long": {func(*sse.Session) { time.Sleep(patience + 1) }, patience, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						test.act(s)
						time.Sleep(time.Second)
						return errNoRoom
					})
				})
				began := time.Now()
				response := h.get("/events")
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, test.after, time.Since(began))
				body, err := rest(response)
				assertCut(t, protocol, err)
				assert.Equal(t, test.body, body)
				settle()
				assert.Len(t, h.log.take("the call failed"), 1)
				assert.Equal(t, uint64(1), h.sessions().Stats().Failed)
			})
		})
	}
}

func beatOf(data string) func(*sse.HeartbeatConfig) {
	return func(h *sse.HeartbeatConfig) { h.Event = sse.Event{Data: data} }
}

func TestHeartbeatOfEverySessionBeginsWithTheHead(t *testing.T) {
	tests := map[string]struct {
		serve func(*sse.Session) error
		body  string
	}{
		"before the first event": {greet, "data: beat\r\n\r\ndata: hello\r\n\r\n"},
		"unless the function has one of its own": {func(s *sse.Session) error {
			s.Heartbeat(beatOf("own"))
			return s.Delay(time.Minute + 1)
		}, strings.Repeat("data: own\r\n\r\n", 3)},
		"unless that has a provider": {func(s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.EventProvider = func(context.Context) (sse.Event, error) { return sse.Event{Data: "own"}, nil }
			})
			return s.Delay(time.Minute + 1)
		}, strings.Repeat("data: own\r\n\r\n", 3)},
		"when nothing is sent":    {func(s *sse.Session) error { return nil }, "data: beat\r\n\r\n"},
		"when the function waits": {func(s *sse.Session) error { return s.Delay(time.Minute + 1) }, strings.Repeat("data: beat\r\n\r\n", 3)},
		"when it does nothing": {func(s *sse.Session) error {
			time.Sleep(time.Minute + patience + 1)
			return nil
		}, strings.Repeat("data: beat\r\n\r\n", 3)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) { c.Heartbeat(beatOf("beat")) }, func(r *routing.Route) {
					r.SSE("/events", test.serve)
				})
				body, err := rest(h.get("/events"))
				assert.NoError(t, err)
				assert.Equal(t, test.body, body)
			})
		})
	}
}

func TestStopBeforeTheHeadIsAStreamWithALastEvent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) {
			c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Data: "bye"} }
		}, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				<-s.Context().Done()
				return context.Cause(s.Context())
			})
		})
		answers := make(chan *http.Response, 1)
		go func() { answers <- h.get("/events") }()
		elapse(patience / 2)
		assert.Zero(t, h.stop())
		response := <-answers
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "data: bye\r\n\r\n", body)
		assert.Equal(t, sse.Stats{Opened: 1, Stopped: 1, Events: 1, Bytes: int64(len("data: bye\r\n\r\n"))}, h.sessions().Stats())
	})
}

func TestClientThatLeavesBeforeTheHead(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan error, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				<-s.Context().Done()
				ends <- context.Cause(s.Context())
				return nil
			})
		})
		ctx, cancel := context.WithTimeout(t.Context(), patience/2)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/events", nil)
		assert.NoError(t, err)
		_, err = h.client.Do(request)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, <-ends, sse.ErrClientGone)
		settle()
		assert.Equal(t, sse.Stats{Opened: 1, ClientsGone: 1}, h.sessions().Stats())
	})
}

// A writer of somebody else's may end in whatever way, and where nobody would
// notice: the head, and the first beat after it, leave on a goroutine of their
// own. That is a failure of the call, and no session is left.
func TestWriterThatEndsBadlyWhenTheDoorOpens(t *testing.T) {
	untilTheEnd := func(s *sse.Session) error {
		<-s.Context().Done()
		return context.Cause(s.Context())
	}
	serves := map[string]func(*sse.Session) error{
		"by an event":              func(s *sse.Session) error { return s.SendText("hello") },
		"by one that nobody minds": func(s *sse.Session) error { _ = s.SendText("hello"); return nil },
		"by a wait":                func(s *sse.Session) error { return s.Delay(time.Hour) },
		"after 100 ms":             untilTheEnd,
		"after 100 ms, unnoticed":  func(*sse.Session) error { time.Sleep(time.Second); return nil },
		"at the end":               func(*sse.Session) error { return nil },
		"by work beside the function": func(s *sse.Session) error {
			s.Go(func(context.Context) error { return s.SendText("hello") })
			return untilTheEnd(s)
		},
		"by a heartbeat": func(s *sse.Session) error {
			s.Heartbeat()
			return untilTheEnd(s)
		},
	}
	ends := map[string]struct {
		end func()
		cut bool // instead of 500
	}{
		"panics":             {func() { panic("broken writer") }, false},
		"asks for a cut":     {func() { panic(http.ErrAbortHandler) }, true},
		"ends its goroutine": {runtime.Goexit, false},
	}
	for how, of := range ends {
		for _, inHead := range []bool{true, false} {
			for when, serve := range serves {
				t.Run(fmt.Sprintf("%s, head %t, %s", how, inHead, when), func(t *testing.T) {
					overEach(t, func(t *testing.T, protocol string) {
						h := startWith(t, protocol, func(c *sse.Config) { c.Heartbeat() }, func(r *routing.Route) {
							r.Use(func(next http.Handler) http.Handler {
								return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
									next.ServeHTTP(&badNote{ResponseWriter: w, end: of.end, inHead: inHead}, r)
								})
							})
							r.SSE("/events", serve)
						})
						ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
						defer cancel()
						request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/events", nil)
						require.NoError(t, err)
						response, err := h.client.Do(request)
						if inHead && !of.cut {
							require.NoError(t, err)
							assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
							assert.NoError(t, response.Body.Close())
						} else {
							if err == nil {
								_, err = rest(response)
							}
							assert.Error(t, err)
						}
						assert.NoError(t, ctx.Err())
						settle()
						if logged := h.log.take("level=ERROR"); of.cut {
							assert.Empty(t, logged)
						} else {
							assert.Len(t, logged, 1)
						}
						stats := h.sessions().Stats()
						assert.Zero(t, stats.Open)
						assert.Equal(t, uint64(1), stats.Refused+stats.Failed)
					})
				})
			}
		}
	}
}

// badNote is the writer of a middleware that ends badly, in the head of a stream
// or in its body.
type badNote struct {
	http.ResponseWriter
	end     func()
	inHead  bool
	isError bool
}

func (w *badNote) WriteHeader(status int) {
	w.isError = status != http.StatusOK
	if w.inHead && !w.isError {
		w.end()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *badNote) Write(p []byte) (int, error) {
	if !w.isError {
		w.end()
	}
	return w.ResponseWriter.Write(p)
}

func (w *badNote) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// What has failed before the head is told to the log, also if it is not what has
// ended the session.
func TestPanicAfterADeadlineBeforeTheHead(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(within(patience/2, nil))
			r.SSE("/events", func(s *sse.Session) error {
				<-s.Context().Done()
				panic("out of order")
			})
		})
		status, _ := h.text(http.MethodGet, "/events")
		assert.Equal(t, http.StatusInternalServerError, status)
		settle()
		logged := h.log.take("level=ERROR")
		require.Len(t, logged, 1)
		assert.Contains(t, logged[0], "out of order")
	})
}

// Other plugins are not to take the answer to Goexit for a stream.
func TestGoexitBeforeTheHeadLeavesNoMark(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		marked := make(chan bool, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Get("/events", func(c *app.Call) error {
				defer func() { marked <- sse.IsEventStream(c) }()
				return sse.Respond(c, func(*sse.Session) error {
					runtime.Goexit()
					return nil
				})
			})
		})
		response := h.get("/events")
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
		assert.False(t, <-marked)
		_, _ = rest(response)
		settle()
		h.log.take("level=ERROR")
	})
}
