package sse_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configure func(*sse.Config)
		want      string
	}{
		"LastEventIDLimit":  {func(c *sse.Config) { c.LastEventIDLimit = -1 }, "LastEventIDLimit is negative"},
		"MaxSessions":       {func(c *sse.Config) { c.MaxSessions = -1 }, "MaxSessions is negative"},
		"MaxSessionsPerKey": {func(c *sse.Config) { c.MaxSessionsPerKey = -1 }, "MaxSessionsPerKey is negative"},
		"RetryAfter":        {func(c *sse.Config) { c.RetryAfter = -1 }, "RetryAfter is negative"},
		"MaxAge":            {func(c *sse.Config) { c.MaxAge = -1 }, "MaxAge is negative"},
		"StopRetry":         {func(c *sse.Config) { c.StopRetry = -1 }, "StopRetry is negative"},
		"heartbeat": {func(c *sse.Config) {
			c.Heartbeat(func(h *sse.HeartbeatConfig) { h.Event = sse.Event{ID: "\n"} })
		}, "heartbeat: encode event: id"},
		"heartbeat with a long ID": {func(c *sse.Config) {
			c.LastEventIDLimit = 3
			c.Heartbeat(func(h *sse.HeartbeatConfig) { h.Event = sse.Event{ID: "1234"} })
		}, `heartbeat: encode event: id "1234" has 4 bytes, and LastEventIDLimit lets clients come back with 3`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := app.New(func(a *app.Application) { a.Install(sse.Plugin.With(test.configure)) }).Start(t.Context())
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "config_test.go:")
		})
	}
}

func TestWriteTimeoutOfThePlugin(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 3 * time.Second },
			func(r *routing.Route) { r.SSE("/events", stuck(ends)) })
		h.get("/events")
		end := <-ends
		assert.Equal(t, sse.ErrWriteTimeout, end.cause)
		assert.Equal(t, 3*time.Second, end.after)
	})
}

func TestNegativeWriteTimeoutSetsNoLimit(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = -1 },
			func(r *routing.Route) { r.SSE("/events", stuck(ends)) })
		response := h.get("/events")
		elapse(time.Hour)
		assert.Empty(t, ends)
		require.NoError(t, response.Body.Close())
		end := <-ends
		assert.ErrorIs(t, end.cause, sse.ErrClientGone)
		assert.Equal(t, time.Hour, end.after, "a client that leaves frees a send that is stuck")
	})
}

func TestMaxAgeEndsEachSessionAtATimeOfItsOwn(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const clients = 20
		ends := make(chan ended, clients)
		h := startWith(t, protocol, func(c *sse.Config) { c.MaxAge = 100 * time.Minute },
			func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		open := make([]*http.Response, clients)
		for i := range open {
			open[i] = h.get("/events")
		}
		ages := map[time.Duration]bool{}
		for _, response := range open {
			body, err := rest(response)
			assert.NoError(t, err, "it ends cleanly")
			assert.Equal(t, "data: hello\r\n\r\ndata: late\r\n\r\n", body)
			end := <-ends
			assert.Equal(t, sse.ErrTooOld, end.cause)
			assert.NoError(t, end.sent, "it may say a last word")
			assert.GreaterOrEqual(t, end.after, 80*time.Minute)
			assert.LessOrEqual(t, end.after, 100*time.Minute)
			ages[end.after] = true
		}
		assert.Greater(t, len(ages), clients/2, "not all at once")
		assert.Equal(t, uint64(clients), h.sessions().Stats().TooOld)
	})
}

func TestLastEventOfTheServer(t *testing.T) {
	goodbye := func(s *sse.Session, _ error) sse.Event {
		return sse.Event{Event: "goodbye", Data: s.Call().PathParam("name")}
	}
	for name, test := range map[string]struct {
		configure func(*sse.Config)
		want      string // of the last event, without its retry
		retry     bool
		logged    string
	}{
		"nothing":  {func(*sse.Config) {}, "", false, ""},
		"an event": {func(c *sse.Config) { c.LastEvent = goodbye }, "event: goodbye\r\ndata: ann\r\n\r\n", false, ""},
		"a retry":  {func(c *sse.Config) { c.StopRetry = time.Hour }, "\r\n", true, ""},
		"both":     {func(c *sse.Config) { c.LastEvent, c.StopRetry = goodbye, time.Hour }, "event: goodbye\r\ndata: ann\r\n\r\n", true, ""},
		"a retry of its": {func(c *sse.Config) {
			c.StopRetry, c.LastEvent = time.Minute, func(*sse.Session, error) sse.Event { return sse.Event{Retry: 7e6} }
		}, "retry: 7\r\n\r\n", false, ""},
		"the least retry": {func(c *sse.Config) { c.StopRetry = 1 }, "retry: 1\r\n\r\n", false, ""},
		"a negative retry of its": {func(c *sse.Config) {
			c.StopRetry, c.LastEvent = time.Minute, func(*sse.Session, error) sse.Event { return sse.Event{Retry: -1} }
		}, "", false, "encode event: retry"},
		"a panic":        {func(c *sse.Config) { c.LastEvent = func(*sse.Session, error) sse.Event { panic("no words") } }, "", false, "no words"},
		"an invalid one": {func(c *sse.Config) { c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{ID: "\n"} } }, "", false, "encode event: id"},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				ends := make(chan ended, 2)
				h := startWith(t, protocol, test.configure, func(r *routing.Route) { r.SSE("/events/{name}", untilItEnds(ends)) })
				first, second := h.get("/events/ann"), h.get("/events/ann")
				elapse(time.Second)
				assert.Zero(t, h.stop())
				retries := map[string]bool{}
				for _, response := range []*http.Response{first, second} {
					body, err := rest(response)
					require.NoError(t, err)
					last, found := strings.CutPrefix(body, "data: hello\r\n\r\ndata: late\r\n\r\n")
					require.True(t, found, body)
					if test.retry {
						before, after, has := strings.Cut(last, "retry: ")
						require.True(t, has, last)
						retry, after, _ := strings.Cut(after, "\r\n")
						wait, err := time.ParseDuration(retry + "ms")
						require.NoError(t, err)
						assert.GreaterOrEqual(t, wait, time.Hour)
						assert.LessOrEqual(t, wait, 2*time.Hour)
						retries[retry] = true
						last = before + after
					}
					assert.Equal(t, test.want, last)
				}
				if test.retry {
					assert.Len(t, retries, 2, "each client has its own")
				}
				logged := h.log.take("level=ERROR")
				if test.logged == "" {
					assert.Empty(t, logged)
				} else {
					require.Len(t, logged, 2, "a line for each session")
					assert.Contains(t, logged[0], test.logged)
				}
			})
		})
	}
}

func TestEndCleanlyHidesFailuresFromTheClient(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) { c.EndCleanly = true }, func(r *routing.Route) {
			r.SSE("/error", begun(func(*sse.Session) error { return errors.New("broken") }))
			r.SSE("/panic", begun(func(*sse.Session) error { panic("broken") }))
			r.SSE("/abort", begun(func(*sse.Session) error { panic(http.ErrAbortHandler) }))
		})
		for _, path := range []string{"/error", "/panic"} {
			_, err := rest(h.get(path))
			assert.NoError(t, err)
			settle()
			logged := h.log.take("level=ERROR")
			require.Len(t, logged, 1)
			assert.Contains(t, logged[0], "broken")
			assert.Equal(t, path == "/panic", strings.Contains(logged[0], ` stack="goroutine `), "a panic is logged with its stack")
		}
		_, err := rest(h.get("/abort"))
		assertCut(t, protocol, err)
		assert.Equal(t, uint64(3), h.sessions().Stats().Failed)
	})
}

func TestLastEventIDInTheQuery(t *testing.T) {
	long := strings.Repeat("x", 257)
	for name, test := range map[string]struct {
		enabled bool
		path    string
		header  []string
		status  int
		want    string
	}{
		"off":         {false, "/events?lastEventId=7", nil, http.StatusOK, ""},
		"on":          {true, "/events?lastEventId=7", nil, http.StatusOK, "7"},
		"header wins": {true, "/events?lastEventId=7", []string{"Last-Event-ID", "8"}, http.StatusOK, "8"},
		"neither":     {true, "/events", nil, http.StatusOK, ""},
		"too long":    {true, "/events?lastEventId=" + long, nil, http.StatusBadRequest, "lastEventId is longer than 256 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) { c.LastEventIDQuery = test.enabled }, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error { return s.SendText(s.LastEventID()) })
				})
				response := h.open(http.MethodGet, test.path, nil, test.header...)
				assert.Equal(t, test.status, response.StatusCode)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				assert.Equal(t, test.want, strings.TrimSpace(strings.TrimPrefix(string(body), "data: ")))
			})
		})
	}
}

// A WriteTimeout of http.Server is one for the whole response. That of a stream
// takes its place, if there is one.
func TestWriteTimeoutOfAServerOfYourOwn(t *testing.T) {
	for name, test := range map[string]struct {
		application, plugin time.Duration
		whole               bool
	}{
		"the application's takes its place": {30 * time.Second, 0, true},
		"the plugin's takes its place":      {0, 30 * time.Second, true},
		"there is none":                     {0, 0, false},
		"the plugin's is switched off":      {30 * time.Second, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := startModule(t, protocol, func(a *app.Application) {
					a.Configure(func(c *app.Config) { c.WriteTimeout = test.application })
					a.Install(sse.Plugin.With(func(c *sse.Config) { c.WriteTimeout = test.plugin }))
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/events", func(s *sse.Session) error {
							if err := s.Delay(time.Minute); err != nil {
								return err
							}
							return s.SendText("hello")
						})
					})
				}, func(server *http.Server) { server.WriteTimeout = 10 * time.Second })
				body, err := rest(h.get("/events"))
				if test.whole {
					assert.NoError(t, err)
					assert.Equal(t, "data: hello\r\n\r\n", body)
				} else {
					assertCut(t, protocol, err)
				}
			})
		})
	}
}
